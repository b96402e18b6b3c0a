"""Shares where some rows count more than others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from roomtone.errors import DataError
from roomtone.stats.confusion import Array
from roomtone.stats.proportions import exact_interval


@dataclass(frozen=True, eq=False)
class WeightedShares:
    """Shares of classes among rows with weights.

    Attributes
    ----------
    share, low, high : ndarray of float64, shape [classes]
        Each class's share of all weight, and its interval.
    effective : float
        How many rows of equal weight would say as much (Kish 1965).
    """

    share: Array
    low: Array
    high: Array
    effective: float


def weighted_shares(sums: ArrayLike, squares: ArrayLike, level: float = 0.95) -> WeightedShares:
    """Estimate shares of classes from sums of weights, so that no row need be kept.

    The interval is that of Korn & Graubard (1998): Clopper and Pearson's, for as many rows of
    equal weight as say as much as the weighted ones. A few rows with most of the weight thus give
    wide intervals, as they should.

    Parameters
    ----------
    sums, squares : array_like of float, shape [classes]
        For each class the sum of its rows' weights, and of their squares.
    level : float
        The nominal coverage, between 0 and 1.

    Raises
    ------
    DataError
        If the shapes differ or a sum is negative.

    Examples
    --------
    >>> found = weighted_shares([8, 2], [8, 2])  # ten rows, each of weight 1
    >>> found.share.tolist(), found.low.round(3).tolist(), found.effective
    ([0.8, 0.2], [0.444, 0.025], 10.0)
    """
    weight, square = np.asarray(sums, np.float64), np.asarray(squares, np.float64)
    if weight.ndim != 1 or weight.shape != square.shape:
        raise DataError(f"a sum for each class expected, found {weight.shape} and {square.shape}")
    if (weight < 0).any() or (square < 0).any():
        raise DataError("a sum of weights is negative")
    total = weight.sum()
    if not total:
        nothing = np.zeros_like(weight)
        return WeightedShares(nothing, nothing, nothing + 1, 0.0)
    share = weight / total
    # Variance of a ratio, from the same sums: each class's rows miss the share by 1 - share,
    # all other rows by share (Cochran 1977, equation 6.13), without the correction n / (n - 1).
    missed = square * (1 - share) ** 2 + (square.sum() - square) * share**2
    kish = total**2 / square.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        count = np.where(missed > 0, share * (1 - share) * total**2 / missed, kish)
    # Never more than the weights alone allow: one class may by chance hold the even ones.
    count = np.minimum(count, kish)
    low, high = exact_interval(share * count, count, level)
    return WeightedShares(share, low, high, float(kish))
