"""Training loops that take turns: an epoch of each, then the next of each."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from machine import seconds
from ours import EpochTimes, OurTraining
from usual import usual_loader, usual_loop

from roomtone.config import Config
from roomtone.data.dataset import SentimentDataset


@dataclass
class Contender:
    """A training loop, and what its epochs so far took.

    Attributes
    ----------
    name : str
        What it is, for tables.
    texts : int
        Texts of an epoch.
    epoch : callable
        Trains for an epoch more, and validates.
    epochs : int
        How many it shall run.
    laps : list of EpochTimes
        The epochs that it has run.
    """

    name: str
    texts: int
    epoch: Callable[[], EpochTimes]
    epochs: int
    laps: list[EpochTimes] = field(default_factory=list)


@dataclass(frozen=True)
class Standing:
    """Speed and quality of a loop over all its epochs and seeds.

    Attributes
    ----------
    name : str
        What it is.
    texts, epochs : int
        Texts of an epoch; epochs that each seed ran.
    best, median : float
        Texts trained on in a second, validation left out.
    seconds : tuple of float
        Seconds of the steps of each epoch, seed after seed.
    validation_seconds : float
        Median seconds of a validation.
    val_f1_macro : tuple of float
        After each epoch, the mean over the seeds.
    """

    name: str
    texts: int
    epochs: int
    best: float
    median: float
    seconds: tuple[float, ...]
    validation_seconds: float
    val_f1_macro: tuple[float, ...]


def ours(
    name: str, config: Config, train: SentimentDataset, val: SentimentDataset, epochs: int
) -> Contender:
    """Enter roomtone's own loop."""
    return Contender(name, len(train), OurTraining(config, train, val).epoch, epochs)


def usual(
    name: str,
    config: Config,
    train: SentimentDataset,
    val: SentimentDataset,
    epochs: int,
    *,
    pad_to: int | None = None,
) -> Contender:
    """Enter the usual loop: packed, or with every text padded to one length."""
    size = config.training.batch_size
    loop = usual_loop(config, len(train.vocab), packed=pad_to is None, seed=config.seed)
    batches = usual_loader(train, size, pad_to=pad_to, seed=config.seed)
    held_out = usual_loader(val, size, pad_to=pad_to)

    def epoch() -> EpochTimes:
        training = seconds(lambda: loop.epoch(batches))
        scores: list[float] = []
        validation = seconds(lambda: scores.append(loop.macro_f1(held_out)))
        return EpochTimes(training, validation, scores[0])

    return Contender(name, len(train), epoch, epochs)


def take_turns(
    contenders: Sequence[Contender], tell: Callable[[Contender], None] = lambda contender: None
) -> None:
    """Run an epoch of each in turn, so that a slow phase of the machine meets all alike."""
    for turn in range(max(contender.epochs for contender in contenders)):
        for contender in contenders:
            if turn < contender.epochs:
                contender.laps.append(contender.epoch())
                tell(contender)


def standing(entries: Sequence[Contender]) -> Standing:
    """Sum a loop's entries up, one for each seed."""
    first = entries[0]
    spent = [lap.training for entry in entries for lap in entry.laps]
    scores = zip(*([lap.val_f1_macro for lap in entry.laps] for entry in entries), strict=True)
    return Standing(
        name=first.name,
        texts=first.texts,
        epochs=first.epochs,
        best=first.texts / min(spent),
        median=first.texts / statistics.median(spent),
        seconds=tuple(spent),
        validation_seconds=statistics.median(lap.validation for e in entries for lap in e.laps),
        val_f1_macro=tuple(statistics.fmean(values) for values in scores),
    )
