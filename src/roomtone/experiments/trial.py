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

from roomtone.config import Config, load_config, to_tree
from roomtone.config.tree import put
from roomtone.errors import CheckpointError, RoomtoneError
from roomtone.experiments.study import Study
from roomtone.experiments.trial_record import DONE, FAILED, PRUNED, TrialRecord, read_record
from roomtone.files import write_atomically, write_json
from roomtone.training.console import Console
from roomtone.training.observers import Observer
from roomtone.training.resume import Resume
from roomtone.training.run import Outcome, Run
from roomtone.training.run_folder import RunFolder

MOST_ATTEMPTS = 3


class Stopped(Exception):  # noqa: N818 - it is no error
    """An observer ends a run on purpose; its text says why."""


@dataclass(frozen=True)
class Trial:
    """A run that a study asks for.

    Attributes
    ----------
    name : str
        Of its folder and its record.
    settings : mapping
        Keys in which it differs from the study's configuration, as dotted paths.
    files : mapping of str to Path or None
        Files of its own, by split; None is none. The others are the study's.
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
