"""What can watch a training loop. None of them holds state that the loop needs to resume."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from roomtone.training.loop import Trainer


@dataclass(frozen=True)
class EpochResult:
    """What an epoch has yielded.

    Attributes
    ----------
    epoch : int
        Its number, from 1.
    metrics : dict of str to float
        All metrics, as in the history.
    seconds : float
        Time since the epoch began, or since the run was resumed within it.
    improved : bool
        Whether it is the best so far.
    checkpoint : Path or None
        Where its weights were saved, if it is.
    rate_lowered : bool
        Whether the schedule lowers the learning rate after it.
    """

    epoch: int
    metrics: dict[str, float]
    seconds: float
    improved: bool
    checkpoint: Path | None
    rate_lowered: bool


class Observer(Protocol):
    """Watches a training loop; every method may do nothing."""

    def train_begins(self, trainer: Trainer) -> None:
        """Act once, before the first step."""

    def epoch_begins(self, trainer: Trainer) -> None:
        """Act before the first batch of an epoch, or the first after a resume."""

    def batch_ends(self, trainer: Trainer, loss: float, texts: int) -> None:
        """Act after a step; gets the loss of its batch and the number of its texts."""

    def epoch_ends(self, trainer: Trainer, result: EpochResult) -> None:
        """Act after the validation that closes an epoch."""

    def train_ends(self, trainer: Trainer) -> None:
        """Act once, after the last step, also when the loop is left by an error."""


class Quiet:
    """An observer that does nothing; others derive from it and override what they need."""

    def train_begins(self, trainer: Trainer) -> None:
        """Do nothing."""

    def epoch_begins(self, trainer: Trainer) -> None:
        """Do nothing."""

    def batch_ends(self, trainer: Trainer, loss: float, texts: int) -> None:
        """Do nothing."""

    def epoch_ends(self, trainer: Trainer, result: EpochResult) -> None:
        """Do nothing."""

    def train_ends(self, trainer: Trainer) -> None:
        """Do nothing."""
