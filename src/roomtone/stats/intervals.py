"""Confidence intervals by the bootstrap, for any score that sums over rows determine."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from roomtone.errors import DataError, nearest
from roomtone.stats.confusion import SCORES, Array, cell_codes
from roomtone.stats.resampling import Statistic, Units, score_of, units


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
    groups: ArrayLike | None = None,
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
        True and predicted class codes; rows are taken to be independent unless `groups` are given.
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
    groups : array_like, shape [n], optional
        The video or author of each row: whole groups are drawn (Field & Welsh 2007).

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
    sample = units([cell_codes(y_true, y_pred, num_classes)], num_classes**2, groups)
    score = score_of(metric, num_classes)

    def of_the_model(sums: Array) -> Array:
        return score(sums[..., 0, :])

    replicates = bootstrap_replicates(sample, of_the_model, resamples, seed)
    return bca_interval(sample, of_the_model, replicates, level)


def bootstrap_replicates(sample: Units, statistic: Statistic, resamples: int, seed: int) -> Array:
    """Compute the statistic of samples drawn with replacement, shape [resamples]."""
    drawn = sample.resampled(resamples, np.random.default_rng(seed))
    return np.concatenate([statistic(sums) for sums in drawn])


def bca_interval(sample: Units, statistic: Statistic, replicates: Array, level: float) -> Interval:
    """Read an interval off the replicates, the tails adjusted for bias and skewness.

    Efron (1987), equations 2.3 and 4.4. Plain percentiles stand where the correction is
    undefined: no replicate on one side of the estimate, or a statistic that no unit can move.
    """
    tails = np.array([(1 - level) / 2, (1 + level) / 2])
    adjusted = _bca_tails(sample, statistic, replicates, tails)
    method = "percentile" if adjusted is None else "BCa"
    low, high = np.quantile(replicates, tails if adjusted is None else adjusted)
    return Interval(float(low), float(high), level, method)


def _bca_tails(
    sample: Units, statistic: Statistic, replicates: Array, tails: Array
) -> Array | None:
    # Loaded here: what only scores texts imports this package, too, and has to start fast.
    from scipy.special import ndtr, ndtri

    estimate = statistic(sample.total())
    # Scores are discrete: half of the ties count as below, or the bias would be overstated.
    tied = np.isclose(replicates, estimate, rtol=0, atol=1e-12)
    below = np.mean((replicates < estimate) & ~tied) + 0.5 * np.mean(tied)
    acceleration = _acceleration(sample, statistic)
    if np.ptp(replicates) == 0 or not 0 < below < 1 or acceleration is None:
        return None
    bias = ndtri(below)
    shifted = bias + ndtri(tails)
    stretch = 1 - acceleration * shifted
    if np.any(stretch <= 0):
        return None
    return np.asarray(ndtr(bias + shifted / stretch))


def _acceleration(sample: Units, statistic: Statistic) -> float | None:
    """Skewness of the jackknife over units: alike ones give the same leave-one-out value."""
    if sample.counts.sum() < 2:
        return None
    left_out = sample.left_out(statistic)
    influence = np.average(left_out, weights=sample.counts) - left_out
    spread = float(np.sum(sample.counts * influence**2))
    if spread <= np.finfo(float).eps ** 2:
        return None
    return float(np.sum(sample.counts * influence**3) / (6 * spread**1.5))
