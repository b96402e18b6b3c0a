"""Differences between two models on the same rows, with intervals by the paired bootstrap."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from roomtone.errors import DataError
from roomtone.stats.confusion import Array, class_codes
from roomtone.stats.intervals import bca_interval, bootstrap_replicates
from roomtone.stats.resampling import Statistic, Units, loss_units, score_of, units

_LEVEL = 0.95
_RESAMPLES = 2000


@dataclass(frozen=True)
class Difference:
    """How much better one model is than another.

    Attributes
    ----------
    estimate : float
        On these rows; above 0 where the first model is better.
    low, high : float
        Interval of the paired bootstrap over rows (Efron 1987).
    level : float
        Its nominal coverage.
    method : str
        ``"BCa"``, or ``"percentile"`` where BCa is undefined.
    error : float
        Standard error: the standard deviation over the resamples.
    """

    estimate: float
    low: float
    high: float
    level: float
    method: str
    error: float

    @property
    def beyond_noise(self) -> bool:
        """Whether the interval leaves out 0, on either side."""
        return self.low > 0 or self.high < 0

    def to_dict(self) -> dict[str, Any]:
        """Return the difference as values that JSON can hold."""
        return asdict(self) | {"beyond_noise": self.beyond_noise}


def mean_gain(losses: ArrayLike, others: ArrayLike, *, seed: int = 42) -> Difference:
    """Compare two models by their losses, shape [n] each, row by row; smaller is better.

    Raises
    ------
    DataError
        If there are no rows, or the lengths differ.
    """
    return paired_bootstrap(paired_losses(losses, others), mean_of_losses, seed=seed)


def f1_gain(
    labels: ArrayLike,
    predicted: ArrayLike,
    others: ArrayLike,
    num_classes: int,
    *,
    seed: int = 42,
) -> Difference:
    """Compare two models by macro-F1; class codes, shape [n] each.

    Raises
    ------
    DataError
        If there are no rows, the lengths differ, or a value is not a class code.
    """
    sample = paired_predictions(labels, predicted, others, num_classes)
    return paired_bootstrap(sample, score_of("f1_macro", num_classes), seed=seed)


def paired_predictions(
    labels: ArrayLike,
    predicted: ArrayLike,
    others: ArrayLike,
    num_classes: int,
    groups: ArrayLike | None = None,
) -> Units:
    """Count rows by label and both predictions; class codes, shape [n] each.

    Raises
    ------
    DataError
        If there are no rows, the lengths differ, or a value is not a class code.
    """
    truth, *answers = (
        class_codes(values, num_classes, name)
        for values, name in ((labels, "labels"), (predicted, "predicted"), (others, "others"))
    )
    sizes = [truth.size, *(column.size for column in answers)]
    if len(set(sizes)) > 1:
        raise DataError(f"columns of {sizes} rows; expected the same")
    return units([truth * num_classes + column for column in answers], num_classes**2, groups)


def paired_losses(losses: ArrayLike, others: ArrayLike, groups: ArrayLike | None = None) -> Units:
    """Take the losses of two models on the same rows, shape [n] each.

    Raises
    ------
    DataError
        If there are no rows, or the lengths differ.
    """
    ours, theirs = np.asarray(losses, np.float64), np.asarray(others, np.float64)
    if ours.ndim != 1 or ours.shape != theirs.shape or not ours.size:
        raise DataError(f"losses of the same rows expected, found {ours.shape} and {theirs.shape}")
    return loss_units([ours, theirs], groups)


def mean_of_losses(sums: Array) -> Array:
    """Turn sums ``[..., (losses, rows)]`` into the mean with its sign changed: more is better."""
    return np.asarray(-sums[..., 0] / sums[..., 1])


def gain(score: Statistic) -> Statistic:
    """Return the statistic that is the first model's score less the second's."""
    return lambda sums: score(sums[..., 0, :]) - score(sums[..., 1, :])


def paired_bootstrap(
    sample: Units,
    score: Statistic,
    *,
    level: float = _LEVEL,
    resamples: int = _RESAMPLES,
    seed: int = 42,
) -> Difference:
    """Bootstrap the difference of two models' scores over the rows, or the groups, of a sample.

    Parameters
    ----------
    sample : Units
        Of two models.
    score : callable
        From the sums of one model to its score.
    level : float
        Nominal coverage.
    resamples, seed : int
        Of the resampling.
    """
    statistic = gain(score)
    replicates = bootstrap_replicates(sample, statistic, resamples, seed)
    found = bca_interval(sample, statistic, replicates, level)
    return Difference(
        estimate=float(statistic(sample.total())),
        low=found.low,
        high=found.high,
        level=level,
        method=found.method,
        error=float(replicates.std(ddof=1)),
    )
