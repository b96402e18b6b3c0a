"""The folder that a run leaves, and the names of what lies in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from roomtone.config import Config
from roomtone.errors import ConfigError


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

    @contextmanager
    def kept_if_resumable(self) -> Iterator[None]:
        """Remove the folder if what is done fails before there is a checkpoint.

        Else the remains of a mistyped column name would stand in the way of the next attempt.
        """
        try:
            yield
        except BaseException:
            if not self.resumable:
                shutil.rmtree(self.root, ignore_errors=True)
            raise


def new_run_folder(config: Config) -> RunFolder:
    """Make the folder of a new run.

    Raises
    ------
    ConfigError
        If there is a run of this name already, or the folder cannot be made.
    """
    name = config.experiment_name or f"hybrid_dl_{datetime.now():%Y%m%d_%H%M%S}"
    root = config.output_dir / name
    if root.is_dir() and any(root.iterdir()):
        raise ConfigError([f"experiment_name: {root} {_ways_out(root)}"])
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError([f"output_dir: {root} cannot be made: {error.strerror}"]) from None
    return RunFolder(root)


def _ways_out(root: Path) -> str:
    if RunFolder(root).resumable:
        way = f"or go on with it: --resume {root}"
        return f"already holds a run; choose another --experiment_name, {way}"
    way = "or remove the folder if nothing in it is needed and no run is at work in it"
    return f"is not empty, and holds no checkpoint; choose another --experiment_name, {way}"
