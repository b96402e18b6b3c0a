"""roomtone's own training, an epoch at a time, through the loop that `roomtone train` runs."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from roomtone.config import Config
from roomtone.data.batches import BatchLoader
from roomtone.data.dataset import SentimentDataset
from roomtone.training.building import build_network
from roomtone.training.console import Console
from roomtone.training.device import be_deterministic
from roomtone.training.loop import Trainer
from roomtone.training.observers import EpochResult, Observer, Quiet


@dataclass(frozen=True)
class EpochTimes:
    """An epoch: seconds of its steps, seconds of what closes it, validation macro-F1.

    What closes an epoch is the validation and, in a few milliseconds, the training metrics.
    """

    training: float
    validation: float
    val_f1_macro: float


class EpochClock(Quiet):
    """Times the steps of each epoch, and what follows them."""

    def __init__(self) -> None:
        self.epochs: list[EpochTimes] = []
        self._began = self._last = 0.0

    def epoch_begins(self, trainer: Trainer) -> None:
        """Start."""
        self._began = time.perf_counter()

    def batch_ends(self, trainer: Trainer, loss: float, texts: int) -> None:
        """Remember when the last step ended."""
        self._last = time.perf_counter()

    def epoch_ends(self, trainer: Trainer, result: EpochResult) -> None:
        """Take the epoch down."""
        steps, rest = self._last - self._began, time.perf_counter() - self._last
        self.epochs.append(EpochTimes(steps, rest, result.metrics["val_f1_macro"]))


class OurTraining:
    """A `Trainer` that can be run one epoch after another, others in between.

    Parameters
    ----------
    config : Config
        As for `roomtone train`; early stopping is left out, since the caller decides.
    train, val : SentimentDataset
        The rows.
    observers : sequence of Observer
        What else watches.
    indices : ndarray, optional
        Rows to train on, all where not given.
    device : str
        Where to compute.
    """

    def __init__(
        self,
        config: Config,
        train: SentimentDataset,
        val: SentimentDataset,
        observers: Sequence[Observer] = (),
        *,
        indices: np.ndarray | None = None,
        device: str = "cpu",
    ) -> None:
        stopping = config.training.early_stopping.model_copy(update={"enabled": False})
        self.config = with_training(config, early_stopping=stopping)
        network, _ = build_network(self.config, train.vocab, Console(quiet=True), fresh=True)
        self.clock = EpochClock()
        self.trainer = Trainer(
            network.to(device),
            BatchLoader(
                train, config.training.batch_size, shuffle=True, seed=config.seed, indices=indices
            ),
            BatchLoader(val, config.training.batch_size),
            self.config,
            class_names=train.scheme.names,
            observers=(self.clock, *observers),
        )

    def epoch(self) -> EpochTimes:
        """Train for one epoch more, under the settings of a run, and validate."""
        be_deterministic(self.config.deterministic)
        done = self.trainer.progress.epoch + 1
        # The schedule keeps the epochs that it was built with: it alone looks so far ahead.
        self.trainer.config = with_training(self.config, max_epochs=done)
        if self.trainer.train() == "interrupted":
            raise KeyboardInterrupt
        be_deterministic(False)
        return self.clock.epochs[-1]


def with_training(config: Config, **changes: object) -> Config:
    """Change keys of the `training:` part."""
    return config.model_copy(update={"training": config.training.model_copy(update=changes)})
