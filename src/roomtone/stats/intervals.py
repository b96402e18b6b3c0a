"""Confidence intervals for any score that the confusion matrix determines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from roomtone.errors import DataError, nearest
from roomtone.stats.confusion import SCORES, Array, confusion_matrix

_CHUNK_VALUES = 2_000_000  # 16 MB of counts at a time, however many classes there are


@dataclass(frozen=True)
class Interval:
    """A confidence interval.

    Attributes
    ----------
    low, high : float
        Its ends, in the units of the score.
    level : float
        Its nominal coverage, 0.95 say.
    method : str
        ``"BCa"``, or ``"percentile"`` where BCa is undefined.
    """

    low: float
    high: float
    level: float
    method: str

    def to_dict(self) -> dict[str, Any]:
        """Return the interval as values that JSON can hold."""
        return asdict(self)


def bootstrap_interval(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    num_classes: int,
    metric: str = "f1_macro",
    *,
    level: float = 0.95,
    resamples: int = 2000,
    seed: int = 42,
) -> Interval:
    """Bias-corrected and accelerated bootstrap interval of a score (Efron 1987).

    Rows are drawn with replacement. Since the score depends on the confusion matrix alone, this is
    the same as drawing the matrix's cells from a multinomial, which costs nothing per row; the
    jackknife that gives the acceleration likewise needs one value for each filled cell. The
    interval describes the sampling of rows for this one trained model, not the variation between
    training runs.

    Parameters
    ----------
    y_true, y_pred : array_like of int, shape [n]
        True and predicted class codes; rows are taken to be independent.
    num_classes : int
        How many classes there are.
    metric : str
        A key of :data:`roomtone.stats.SCORES`.
    level : float
        Nominal coverage, between 0 and 1.
    resamples : int
        Bootstrap resamples, 2 or more.
    seed : int
        Seed of the resampling.

    Raises
    ------
    DataError
        If the labels are unusable, or `metric`, `level` or `resamples` is out of range.

    Examples
    --------
    >>> truth, predicted = [0, 1] * 50, [0, 1] * 40 + [1, 0] * 10
    >>> interval = bootstrap_interval(truth, predicted, 2, metric="accuracy")
    >>> interval.low < 0.8 < interval.high
    True
    """
    if metric not in SCORES:
        raise DataError(
            f"unknown metric {metric!r} (known: {', '.join(SCORES)}){nearest(metric, SCORES)}"
        )
    if not 0 < level < 1:
        raise DataError(f"level must lie between 0 and 1, found {level}; 0.95 is usual")
    if resamples < 2:
        raise DataError(f"resamples must be 2 or more, found {resamples}; 2000 is usual")
    score = SCORES[metric]
    matrix = confusion_matrix(y_true, y_pred, num_classes)
    replicates = _replicates(score, matrix, resamples, np.random.default_rng(seed))
    tails = np.array([(1 - level) / 2, (1 + level) / 2])
    adjusted = _bca_tails(score, matrix, replicates, tails)
    method = "percentile" if adjusted is None else "BCa"
    low, high = np.quantile(replicates, tails if adjusted is None else adjusted)
    return Interval(float(low), float(high), level, method)


def _replicates(
    score: Callable[[Array], Array], matrix: Array, resamples: int, generator: np.random.Generator
) -> Array:
    """Score `resamples` resampled confusion matrices, shape [resamples]."""
    filled = np.flatnonzero(matrix)
    total = int(matrix.sum())
    shares = matrix.ravel()[filled] / total
    replicates = np.empty(resamples)
    chunk = max(1, _CHUNK_VALUES // matrix.size)
    for start in range(0, resamples, chunk):
        stop = min(start + chunk, resamples)
        drawn = np.zeros((stop - start, matrix.size), dtype=np.int64)
        drawn[:, filled] = generator.multinomial(total, shares, size=stop - start)
        replicates[start:stop] = score(drawn.reshape(-1, *matrix.shape))
    return replicates


def _bca_tails(
    score: Callable[[Array], Array], matrix: Array, replicates: Array, tails: Array
) -> Array | None:
    """Adjust the tail probabilities for bias and skewness (Efron 1987, eqs. 2.3 and 4.4).

    Returns
    -------
    ndarray of float, shape [2], or None
        None where the correction is undefined: no resample on one side of the estimate, or a
        score that no single row can move.
    """
    # Loaded here: what only scores texts imports this package, too, and has to start fast.
    from scipy.special import ndtr, ndtri

    estimate = score(matrix)
    # Scores are discrete: half of the ties count as below, or the bias would be overstated.
    tied = np.isclose(replicates, estimate, rtol=0, atol=1e-12)
    below = np.mean((replicates < estimate) & ~tied) + 0.5 * np.mean(tied)
    acceleration = _acceleration(score, matrix)
    if replicates.min() == replicates.max() or not 0 < below < 1 or acceleration is None:
        return None
    bias = ndtri(below)
    shifted = bias + ndtri(tails)
    stretch = 1 - acceleration * shifted
    if np.any(stretch <= 0):
        return None
    return np.asarray(ndtr(bias + shifted / stretch))


def _acceleration(score: Callable[[Array], Array], matrix: Array) -> float | None:
    """Skewness of the jackknife over rows: all rows of a cell give the same leave-one-out value."""
    if matrix.sum() < 2:
        return None
    filled = np.flatnonzero(matrix)
    weights = matrix.ravel()[filled]
    left_out = np.array([float(score(_without_one(matrix, int(cell)))) for cell in filled])
    influence = np.average(left_out, weights=weights) - left_out
    spread = float(np.sum(weights * influence**2))
    if spread <= np.finfo(float).eps ** 2:
        return None
    return float(np.sum(weights * influence**3) / (6 * spread**1.5))


def _without_one(matrix: Array, cell: int) -> Array:
    smaller = matrix.copy()
    smaller.flat[cell] -= 1
    return smaller
