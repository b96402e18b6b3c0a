"""What a training run of a study leaves behind: how it ended, and what it said of each row."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from roomtone.experiments.json_record import Record
from roomtone.experiments.study import Study

DONE, FAILED, PRUNED = "done", "failed", "pruned"


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


def read_record(study: Study, name: str) -> TrialRecord | None:
    """Read the record of a run that has ended."""
    path = study.trials / f"{name}.json"
    return TrialRecord.read(path) if path.is_file() else None


def read_tested(study: Study, name: str) -> Tested:
    """Read what a finished run said of each row."""
    with np.load(study.trials / f"{name}.npz", allow_pickle=False) as arrays:
        return Tested(arrays["labels"], arrays["probabilities"])
