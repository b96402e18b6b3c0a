"""The folder that a run leaves, and the names of what lies in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import chain, count
from pathlib import Path

from roomtone.config import Config
from roomtone.errors import ConfigError, TrainingError
from roomtone.training.checkpoint import has_progress
from roomtone.training.claim import Claim, claim


class RunFolder:
    """Paths of a run's files.

    Parameters
    ----------
    root : Path
        The run's own folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.config = root / "config.yaml"
        self.vocabulary = root / "vocab.pkl"
        self.vocabulary_json = root / "vocab.json"
        self.checkpoints = root / "checkpoints"
        self.final_model = root / "final_model.pt"
        self.history = root / "training_history.json"
        self.test_metrics = root / "test_metrics.json"
        self.predictions = root / "predictions.csv"
        self.data_report = root / "data_report.json"
        self.rejected = root / "rejected_rows.json"
        self.manifest = root / "manifest.json"

    def __str__(self) -> str:
        return str(self.root)

    @property
    def resumable(self) -> bool:
        """Whether there is a checkpoint to go on from."""
        return any(self.checkpoints.glob("*.pt"))

    @property
    def abandoned(self) -> bool:
        """Whether it holds at most what a run writes before its first checkpoint, and no run."""
        early = (self.config, self.vocabulary, self.vocabulary_json, self.data_report)
        names = {path.name for path in (*early, self.rejected)}
        found = [path for path in self.root.rglob("*") if path != self.checkpoints]
        ours = all(p.name in names or p.match(".*.part") for p in found)
        if not ours:
            return False
        with claim(self.root) as outcome:
            return outcome is Claim.HELD or not found

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Keep other processes from working here meanwhile, where the system can.

        Raises
        ------
        TrainingError
            If another process works here.
        """
        with claim(self.root) as outcome:
            if outcome is Claim.TAKEN:
                raise TrainingError(
                    f"{self.root}: another run is at work in this folder; wait for its end, or "
                    "choose another --experiment_name"
                )
            yield

    @contextmanager
    def removed_unless_trained(self) -> Iterator[None]:
        """Remove the folder if what is done fails before a step has been saved.

        Else the remains of a mistyped column name would stand in the way of the next attempt.
        """
        try:
            yield
        except BaseException:
            if not has_progress(self.checkpoints):
                shutil.rmtree(self.root, ignore_errors=True)
            raise


def new_run_folder(config: Config, *, reuse: bool = False) -> RunFolder:
    """Make the folder of a new run.

    Parameters
    ----------
    config : Config
        Says where; without a name the time is one, with a number where that is taken.
    reuse : bool
        Take a folder in which a run of this name was killed before its first checkpoint.

    Raises
    ------
    ConfigError
        If there is a run of this name already, or the folder cannot be made.
    """
    if config.experiment_name is not None:
        folder = RunFolder(config.output_dir / config.experiment_name)
        if not _make(folder):
            _check_free(folder, reuse=reuse)
        return folder
    now = f"hybrid_dl_{datetime.now():%Y%m%d_%H%M%S}"
    names = chain([now], (f"{now}_{number}" for number in count(2)))
    return next(filter(_make, (RunFolder(config.output_dir / name) for name in names)))


def _make(folder: RunFolder) -> bool:
    """Make the folder; tell whether it was this process that did, also where several try."""
    try:
        folder.root.mkdir(parents=True)
    except FileExistsError:
        return False
    except OSError as error:
        raise ConfigError([f"output_dir: {folder} cannot be made: {error.strerror}"]) from None
    return True


def _check_free(folder: RunFolder, *, reuse: bool) -> None:
    """Make sure that a folder that is there already holds nothing of worth."""
    root = folder.root
    if not root.is_dir():
        raise ConfigError([f"output_dir: {root} cannot be made: a file has its name"])
    if folder.abandoned if reuse else not any(root.iterdir()):
        return
    raise ConfigError([f"experiment_name: {root} {_ways_out(folder)}"])


def _ways_out(folder: RunFolder) -> str:
    if folder.resumable:
        way = f"or go on with it: --resume {folder}"
        return f"already holds a run; choose another --experiment_name, {way}"
    way = "or remove the folder if nothing in it is needed and no run is at work in it"
    return f"is not empty, and holds no checkpoint; choose another --experiment_name, {way}"
