"""Differences between two models on the same rows, with intervals by the paired bootstrap."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from roomtone.errors import DataError
from roomtone.stats.confusion import Array, class_codes, f1_macro

_LEVEL = 0.95
_RESAMPLES = 2000
_CHUNK_VALUES = 2_000_000


@dataclass(frozen=True)
class Difference:
    """How much better one model is than another.

    Attributes
    ----------
    estimate : float
        On these rows; above 0 where the first model is better.
    low, high : float
        Percentile interval of the paired bootstrap over rows (Efron & Tibshirani 1993, chapter 13).
    level : float
        Its nominal coverage.
    """

    estimate: float
    low: float
    high: float
    level: float = _LEVEL

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
    ours, theirs = np.asarray(losses, np.float64), np.asarray(others, np.float64)
    if ours.ndim != 1 or ours.shape != theirs.shape or not ours.size:
        raise DataError(f"losses of the same rows expected, found {ours.shape} and {theirs.shape}")
    gain = theirs - ours
    generator, rows = np.random.default_rng(seed), gain.size
    chunk = max(1, _CHUNK_VALUES // rows)
    means = [
        gain[generator.integers(0, rows, (min(chunk, _RESAMPLES - start), rows))].mean(axis=1)
        for start in range(0, _RESAMPLES, chunk)
    ]
    return _difference(float(gain.mean()), np.concatenate(means))


def f1_gain(
    labels: ArrayLike,
    predicted: ArrayLike,
    others: ArrayLike,
    num_classes: int,
    *,
    seed: int = 42,
) -> Difference:
    """Compare two models by macro-F1; class codes, shape [n] each.

    Rows of the same label and the same two predictions are alike, so that resampling rows is
    drawing the counts of these cells from a multinomial.

    Raises
    ------
    DataError
        If there are no rows, the lengths differ, or a value is not a class code.
    """
    columns = [
        class_codes(values, num_classes, name)
        for values, name in ((labels, "labels"), (predicted, "predicted"), (others, "others"))
    ]
    if len({column.size for column in columns}) > 1:
        raise DataError(f"columns of {[column.size for column in columns]} rows; expected the same")
    shape = (num_classes,) * 3
    counts = np.bincount(np.ravel_multi_index(columns, shape), minlength=num_classes**3)
    filled = np.flatnonzero(counts)
    drawn = np.zeros((_RESAMPLES, counts.size), dtype=np.int64)
    drawn[:, filled] = np.random.default_rng(seed).multinomial(
        counts.sum(), counts[filled] / counts.sum(), size=_RESAMPLES
    )
    estimate = _f1_difference(counts.reshape(shape))
    return _difference(float(estimate), _f1_difference(drawn.reshape(-1, *shape)))


def _f1_difference(cells: Array) -> Array:
    """Macro-F1 of the first model less that of the second, from ``[..., true, first, second]``."""
    return np.asarray(f1_macro(cells.sum(axis=-1)) - f1_macro(cells.sum(axis=-2)))


def _difference(estimate: float, replicates: Array) -> Difference:
    low, high = np.quantile(replicates, [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
    return Difference(estimate, float(low), float(high))
