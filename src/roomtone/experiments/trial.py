"""One training run of a study: begun, gone on with after a kill, and kept as a record."""

from __future__ import annotations

import json
import shutil
import time
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from roomtone.config import Config, load_config, to_tree
from roomtone.config.tree import put
from roomtone.errors import CheckpointError, RoomtoneError
from roomtone.experiments.record import Record
from roomtone.experiments.study import Study
from roomtone.files import write_atomically, write_json
from roomtone.training.console import Console
from roomtone.training.observers import Observer
from roomtone.training.resume import Resume
from roomtone.training.run import Outcome, Run
from roomtone.training.run_folder import RunFolder

MOST_ATTEMPTS = 3
DONE, FAILED, PRUNED = "done", "failed", "pruned"


class Stopped(Exception):  # noqa: N818 - it is no error
    """An observer ends a run on purpose; its text says why."""


@dataclass(frozen=True)
class TrialRecord(Record):
    """What became of one run.

    Attributes
    ----------
    name : str
        Of the run's folder, and of the record's file.
    settings : dict
        The keys in which it differs from the configuration of the study.
    status : str
        ``"done"``, ``"failed"``, or ``"pruned"``: ended early by a search.
    note : str
        Why it failed or was pruned.
    value : float or None
        The monitored metric of the validation rows after the best epoch.
    split : str
        On which rows `metrics` was measured: ``"test"``, or ``"val"`` where there are no test rows.
    metrics : dict
        As of `roomtone.stats.ClassificationMetrics`, per-class values by class name.
    epochs, best_epoch : int
        How many were trained, and which of them was kept.
    stopped : str
        Why training ended.
    n_train, n_tested : int
        Rows.
    parameters, trainable_parameters : int
        Numbers in the network.
    threads : int
        Threads of the arithmetic.
    seconds : float
        Since the process that finished it took it up.
    """

    name: str
    settings: dict[str, Any]
    status: str
    note: str = ""
    value: float | None = None
    split: str = ""
    metrics: dict[str, Any] = field(default_factory=dict)
    epochs: int = 0
    best_epoch: int | None = None
    stopped: str = ""
    n_train: int = 0
    n_tested: int = 0
    parameters: int = 0
    trainable_parameters: int = 0
    threads: int = 0
    seconds: float = 0.0

    @property
    def done(self) -> bool:
        """Whether it ran to its end."""
        return self.status == DONE


@dataclass(frozen=True, eq=False)
class Tested:
    """What a finished run says of the rows it was measured on.

    Attributes
    ----------
    labels : ndarray of int64, shape [rows]
        True classes.
    probs : ndarray of float64, shape [rows, classes]
        Probabilities.
    """

    labels: NDArray[np.int64]
    probs: NDArray[np.float64]

    @property
    def predicted(self) -> NDArray[np.int64]:
        """Most probable class of each row."""
        return np.asarray(self.probs.argmax(axis=1), dtype=np.int64)


@dataclass(frozen=True)
class Trial:
    """A run that a study asks for.

    Attributes
    ----------
    name : str
        Of its folder and its record.
    settings : mapping
        Keys in which it differs from the study's configuration, as dotted paths.
    files : mapping of str to Path
        Files of its own, by split; the others are the study's.
    """

    name: str
    settings: Mapping[str, Any]
    files: Mapping[str, Path | None] = field(default_factory=dict)

    def configure(self, study: Study) -> Config:
        """Lay the settings over the study's configuration.

        Raises
        ------
        ConfigError
            If they are not allowed, or do not go together.
        """
        tree = to_tree(study.base)
        own = {
            **self.settings,
            **{f"{split}_csv": None if p is None else str(p) for split, p in self.files.items()},
            "output_dir": str(study.runs),
            "experiment_name": self.name,
            "tensorboard.enabled": False,
        }
        for key, value in own.items():
            put(tree, key, value)
        return load_config(tree=tree)


def read_record(study: Study, name: str) -> TrialRecord | None:
    """Read the record of a run that has ended."""
    path = study.trials / f"{name}.json"
    return TrialRecord.read(path) if path.is_file() else None


def read_tested(study: Study, name: str) -> Tested:
    """Read what a finished run said of each row."""
    with np.load(study.trials / f"{name}.npz", allow_pickle=False) as arrays:
        return Tested(arrays["labels"], arrays["probabilities"])


def run_trial(
    study: Study, trial: Trial, *, observers: Sequence[Observer] = (), keep: bool = False
) -> TrialRecord:
    """Run it, or go on with it, or read its record where it has ended.

    What goes wrong with this run alone is recorded and not raised.

    Parameters
    ----------
    study : Study
        Where it belongs.
    trial : Trial
        What to run.
    observers : sequence of Observer
        What watches; one of them may raise `Stopped`.
    keep : bool
        Keep weights and checkpoints after its end.

    Raises
    ------
    KeyboardInterrupt
        If someone interrupted; what was trained so far is saved.
    """
    if (record := read_record(study, trial.name)) is not None:
        return record
    folder, began = RunFolder(study.runs / trial.name), time.monotonic()
    study.trials.mkdir(parents=True, exist_ok=True)
    record = _given_up(study, trial) or _attempt(study, trial, folder, observers)
    record = TrialRecord(**{**vars(record), "seconds": round(time.monotonic() - began, 3)})
    write_json(study.trials / f"{trial.name}.json", record.to_dict())
    _attempts(study, trial).unlink(missing_ok=True)
    if not keep:
        shutil.rmtree(folder.checkpoints, ignore_errors=True)
        folder.final_model.unlink(missing_ok=True)
    return record


def _attempt(
    study: Study, trial: Trial, folder: RunFolder, observers: Sequence[Observer]
) -> TrialRecord:
    def ended(status: str, note: str) -> TrialRecord:
        return TrialRecord(trial.name, dict(trial.settings), status, note)

    log = study.trials / f"{trial.name}.log"
    with log.open("a", encoding="utf-8") as stream:
        try:
            config = trial.configure(study)
            resume = _resume(folder)
            _note_attempt(study, trial, 0 if resume is None else resume.state["progress"]["step"])
            if resume is not None:
                config = resume.configure(None, {}, [])
            outcome = Run(config, Console(stream=stream), resume, observers=observers).execute()
        except Stopped as reason:
            return ended(PRUNED, str(reason))
        except KeyboardInterrupt:
            _attempts(study, trial).unlink(missing_ok=True)
            raise
        except RoomtoneError as error:
            return ended(FAILED, str(error))
        except Exception as error:  # one run that goes wrong is not to end a night's search
            traceback.print_exc(file=stream)
            return ended(FAILED, f"{type(error).__name__}: {error} (traceback: {log})")
    if outcome.evaluation is None or outcome.labels is None:
        _attempts(study, trial).unlink(missing_ok=True)
        raise KeyboardInterrupt
    labels, probs = outcome.labels, outcome.evaluation.probs
    write_atomically(
        study.trials / f"{trial.name}.npz",
        lambda file: np.savez(file, labels=labels, probabilities=probs),
    )
    return _finished(trial, outcome)


def _finished(trial: Trial, outcome: Outcome) -> TrialRecord:
    folder = outcome.folder
    history = json.loads(folder.history.read_text(encoding="utf-8"))["metadata"]
    manifest = json.loads(folder.manifest.read_text(encoding="utf-8"))
    test = outcome.test or {}
    return TrialRecord(
        trial.name,
        dict(trial.settings),
        DONE,
        value=history["best_value"],
        split=test["split"],
        metrics=test["metrics"],
        epochs=history["total_epochs"],
        best_epoch=history["best_epoch"],
        stopped=outcome.stopped,
        n_train=manifest["data"]["train"]["rows"],
        n_tested=manifest["data"][test["split"]]["rows"],
        parameters=manifest["parameters"],
        trainable_parameters=manifest["trainable_parameters"],
        threads=manifest["threads"],
    )


def _resume(folder: RunFolder) -> Resume | None:
    """Go on with a run that was killed; begin anew where nothing usable is left of it."""
    if folder.resumable:
        with suppress(CheckpointError):
            return Resume.open(folder.root)
    shutil.rmtree(folder.root, ignore_errors=True)
    return None


def _attempts(study: Study, trial: Trial) -> Path:
    return study.trials / f".{trial.name}.attempts"


def _note_attempt(study: Study, trial: Trial, step: int) -> None:
    """Write down at which step the run is taken up, for the case that its process is killed."""
    write_json(_attempts(study, trial), [*_steps(study, trial), step])


def _steps(study: Study, trial: Trial) -> list[int]:
    try:
        steps = json.loads(_attempts(study, trial).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return steps if isinstance(steps, list) else []


def _given_up(study: Study, trial: Trial) -> TrialRecord | None:
    """Give a run up whose process has ended again and again without getting any further."""
    last = _steps(study, trial)[-MOST_ATTEMPTS:]
    if len(last) < MOST_ATTEMPTS or len(set(last)) > 1:
        return None
    return TrialRecord(
        trial.name,
        dict(trial.settings),
        FAILED,
        f"the process ended {MOST_ATTEMPTS} times at step {last[0]} without a message, as where "
        "the system stops it for want of memory",
    )
