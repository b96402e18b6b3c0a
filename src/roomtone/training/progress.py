"""All that changes while a run goes on, besides weights and optimiser: what a resume needs."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import torch

from roomtone.config.monitor import is_minimised
from roomtone.config.training import EarlyStoppingConfig
from roomtone.stats.metrics import classification_metrics
from roomtone.training.evaluation import epoch_metrics
from roomtone.training.schedule import Plateau


@dataclass
class EpochSums:
    """What the batches of the current epoch have added up to.

    Attributes
    ----------
    loss, weight : float
        Sums of the weighted losses and of their weights; the quotient is the mean loss.
    predicted : ndarray
        Class predicted for each training row, int16, ``[rows]``; -1 where not yet seen.
    """

    loss: float
    weight: float
    predicted: np.ndarray

    @classmethod
    def empty(cls, rows: int) -> EpochSums:
        """Start an epoch."""
        return cls(0.0, 0.0, np.full(rows, -1, dtype=np.int16))

    def metrics(self, labels: np.ndarray, names: tuple[str, ...]) -> dict[str, float]:
        """Name the metrics of the whole epoch as the history does.

        Parameters
        ----------
        labels : ndarray
            True classes, ``[rows]``.
        names : tuple of str
            Names of the classes.
        """
        found = classification_metrics(labels, self.predicted, len(names))
        return epoch_metrics("train", self.loss / self.weight, found, names)


@dataclass
class Progress:
    """How far a run has come.

    Attributes
    ----------
    epoch : int
        Epochs finished.
    batch : int
        Batches finished in the current epoch.
    step : int
        Steps taken over all epochs.
    best_value, best_epoch : float, int or None
        The best of the monitored metric and the epoch, from 1, that gave it.
    bad_epochs : int
        Epochs since then.
    best_checkpoint : str or None
        File name of the best epoch's checkpoint.
    plateau : Plateau
        State of the learning-rate schedule.
    history : dict
        Each metric's value after each epoch.
    sums : EpochSums
        The current epoch so far.
    """

    sums: EpochSums
    epoch: int = 0
    batch: int = 0
    step: int = 0
    best_value: float | None = None
    best_epoch: int | None = None
    bad_epochs: int = 0
    best_checkpoint: str | None = None
    plateau: Plateau = field(default_factory=Plateau)
    history: dict[str, list[float]] = field(default_factory=dict)

    def add(self, rows: np.ndarray, predicted: np.ndarray, loss: float, weight: float) -> None:
        """Take in a step: the classes predicted for some rows, their mean loss and its weight."""
        self.sums.loss += loss * weight
        self.sums.weight += weight
        self.sums.predicted[rows] = predicted
        self.batch += 1
        self.step += 1

    def record(self, metrics: dict[str, float], stopping: EarlyStoppingConfig) -> bool:
        """Take in the metrics of a finished epoch; tell whether it is the best so far."""
        for name, value in metrics.items():
            self.history.setdefault(name, []).append(value)
        value = metrics[stopping.monitor]
        sign = -1 if is_minimised(stopping.monitor) else 1
        best = self.best_value
        improved = best is None or sign * (value - best) > stopping.min_delta
        if improved:
            self.best_value, self.best_epoch, self.bad_epochs = value, self.epoch, 0
        else:
            self.bad_epochs += 1
        return improved

    def why_finished(self, max_epochs: int, stopping: EarlyStoppingConfig) -> str | None:
        """Say why training is over, or None while it is not."""
        if self.batch:
            return None
        if self.epoch >= max_epochs:
            return "max_epochs"
        if stopping.enabled and self.bad_epochs >= stopping.patience:
            return "early_stopping"
        return None

    def to_dict(self) -> dict[str, Any]:
        """Turn into plain values and tensors, as a checkpoint holds them."""
        plain = {name: value for name, value in vars(self).items() if name != "sums"}
        plain["plateau"] = asdict(self.plateau)
        predicted = torch.from_numpy(self.sums.predicted.copy())
        plain["sums"] = {"loss": self.sums.loss, "weight": self.sums.weight, "predicted": predicted}
        return plain

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> Progress:
        """Restore what `to_dict` gave."""
        sums = {**plain["sums"], "predicted": plain["sums"]["predicted"].numpy()}
        return cls(**{**plain, "sums": EpochSums(**sums), "plateau": Plateau(**plain["plateau"])})
