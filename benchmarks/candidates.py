"""What the quality benchmark compares: anything that gives classes to texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rows import Rows

BASELINE, HYBRID, AVERAGE = "baseline", "hybrid", "average"


@dataclass(frozen=True)
class Splits:
    """The labelled rows: to fit, to choose by, to score once at the end."""

    train: Rows
    val: Rows
    test: Rows


@dataclass(frozen=True)
class Predictions:
    """What a model says about texts: classes ``[n]``, and probabilities ``[n, classes]`` if any."""

    classes: NDArray[np.int64]
    probs: NDArray[np.float64] | None = None

    @classmethod
    def of(cls, probs: NDArray[np.float64]) -> Predictions:
        """Take the most probable class."""
        return cls(probs.argmax(axis=1), probs)


@dataclass(frozen=True)
class Candidate:
    """A fitted model.

    Attributes
    ----------
    name : str
        What it is, for tables and figures.
    kind : str
        ``"baseline"``, ``"hybrid"`` or ``"average"``.
    predict : callable
        Maps raw texts to `Predictions`.
    training_seconds : float
        What fitting took, reading the files left out; 0 for what is not fitted.
    size : int
        Bytes on disk.
    note : str
        What a reader must know besides.
    history : dict of str to list of float, optional
        Scores after each epoch: ``"train_f1_macro"``, ``"val_f1_macro"``.
    """

    name: str
    kind: str
    predict: Callable[[Sequence[str]], Predictions]
    training_seconds: float
    size: int
    note: str = ""
    history: dict[str, list[float]] | None = None


def average(name: str, first: Candidate, second: Candidate) -> Candidate:
    """Average the probabilities of two models, with equal weights."""

    def predict(texts: Sequence[str]) -> Predictions:
        both = [model.predict(texts).probs for model in (first, second)]
        return Predictions.of(np.mean([probs for probs in both if probs is not None], axis=0))

    return Candidate(
        name,
        AVERAGE,
        predict,
        first.training_seconds + second.training_seconds,
        first.size + second.size,
        f"mean of the probabilities of {first.name} and {second.name}",
    )
