"""Exact intervals of shares."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from roomtone.stats.confusion import Array


def exact_interval(hits: ArrayLike, count: ArrayLike, level: float = 0.95) -> tuple[Array, Array]:
    """Return the interval of each share (Clopper & Pearson 1934), from 0 to 1 where `count` is 0.

    Parameters
    ----------
    hits, count : array_like of float, same shape
        How many of how many; what stands for rows of unequal weight need not be whole.
    level : float
        The least coverage, between 0 and 1.

    Returns
    -------
    tuple of ndarray of float64
        Lower and upper ends.

    Examples
    --------
    >>> [end.round(3).tolist() for end in exact_interval([8], [10])]
    [[0.444], [0.975]]
    """
    # Loaded here: what only scores texts imports this module, too, and has to start fast.
    from scipy.special import betaincinv

    right, total = np.asarray(hits, dtype=np.float64), np.asarray(count, dtype=np.float64)
    wrong, tail = total - right, (1 - level) / 2
    low = np.where(right > 0, betaincinv(np.where(right > 0, right, 1), wrong + 1, tail), 0.0)
    high = np.where(wrong > 0, betaincinv(right + 1, np.where(wrong > 0, wrong, 1), 1 - tail), 1.0)
    return low, high
