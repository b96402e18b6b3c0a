"""Five repeats of two folds, for models that are cheap to fit ten times."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from roomtone.errors import DataError
from roomtone.stats.comparing.result import Finding, NotComparable
from roomtone.stats.confusion import Array

_FREEDOM = 5


def dietterich_t(differences: ArrayLike, confidence: float = 0.95) -> Finding:
    """Test by the 5×2cv paired t (Dietterich 1998, section 2.6).

    ``t = p₁₁ / √(mean of sᵢ²)`` with 5 degrees of freedom, sᵢ² the variance of the two differences
    of a repeat. The numerator is the difference on the very first fold; the interval given lies
    around the mean of all ten and is wider than it had to be.

    Parameters
    ----------
    differences : array_like of float, shape [10]
        Score of one model less that of the other, both folds of the first repeat first.
    confidence : float
        Nominal coverage of the interval.

    Raises
    ------
    NotComparable
        If the differences do not vary within the repeats.
    DataError
        If there are not ten.
    """
    from scipy.special import stdtr, stdtrit

    table, variances = _repeats(differences)
    scale = float(np.sqrt(variances.mean()))
    statistic, mean = float(table[0, 0]) / scale, float(table.mean())
    half = float(stdtrit(_FREEDOM, (1 + confidence) / 2)) * scale
    return Finding(
        statistic=statistic,
        p_value=float(2 * stdtr(_FREEDOM, -abs(statistic))),
        difference=mean,
        low=mean - half,
        high=mean + half,
        interval="dietterich_t",
        note="The test reads the first fold's difference, the interval the mean of all ten.",
    )


def alpaydin_f(differences: ArrayLike, confidence: float = 0.95) -> Finding:
    """Test by the combined 5×2cv F (Alpaydin 1999).

    ``F = Σ pᵢⱼ² / (2 Σ sᵢ²)`` with 10 and 5 degrees of freedom; unlike :func:`dietterich_t` it does
    not hang on which fold comes first. The interval holds the mean differences that the test would
    not reject; there is none where the repeats contradict each other so much that it would reject
    them all.

    Parameters
    ----------
    differences : array_like of float, shape [10]
        Score of one model less that of the other, both folds of the first repeat first.
    confidence : float
        Nominal coverage of the interval.

    Raises
    ------
    NotComparable
        If the differences do not vary within the repeats.
    DataError
        If there are not ten.
    """
    from scipy.special import fdtrc, fdtri

    table, variances = _repeats(differences)
    within, mean = float(2 * variances.sum()), float(table.mean())
    statistic = float((table**2).sum()) / within
    # Σ(p - δ)² <= F within is a quadratic in δ whose roots lie around the mean.
    room = float(fdtri(2 * _FREEDOM, _FREEDOM, confidence)) * within - float(
        ((table - mean) ** 2).sum()
    )
    half = float(np.sqrt(room / table.size)) if room >= 0 else None
    return Finding(
        statistic=statistic,
        p_value=float(fdtrc(2 * _FREEDOM, _FREEDOM, statistic)),
        difference=mean,
        low=None if half is None else mean - half,
        high=None if half is None else mean + half,
        interval="" if half is None else "alpaydin_f",
        note=""
        if half is not None
        else "No interval: the repeats differ from each other more than their folds do.",
    )


def _repeats(differences: ArrayLike) -> tuple[Array, Array]:
    values = np.asarray(differences, dtype=np.float64)
    if values.shape != (2 * _FREEDOM,):
        raise DataError(f"5×2cv has 10 differences, found shape {list(values.shape)}")
    table = values.reshape(_FREEDOM, 2)
    variances = table.var(axis=1, ddof=1)
    if variances.max() <= np.square(1e-12 * max(1.0, float(np.abs(values).max()))):
        raise NotComparable(
            "both folds of each repeat show the same difference, so that its variance cannot be "
            "estimated; are these the scores of one model under two names?"
        )
    return table, variances
