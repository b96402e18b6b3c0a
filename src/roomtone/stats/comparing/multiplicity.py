"""Correction for several comparisons."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from roomtone.errors import DataError
from roomtone.stats.confusion import Array


def holm(p_values: ArrayLike) -> Array:
    """Adjust p-values so that the chance of any false rejection stays below the level (Holm 1979).

    Parameters
    ----------
    p_values : array_like of float, shape [m]
        NaN stands for a comparison that was planned and could not be made: it stays NaN and
        counts as one of the m.

    Returns
    -------
    ndarray of float64, shape [m]

    Raises
    ------
    DataError
        If a value does not lie between 0 and 1.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).round(2).tolist()
    [0.03, 0.06, 0.06]
    """
    values = np.asarray(p_values, dtype=np.float64)
    known = ~np.isnan(values)
    if values.ndim != 1 or np.any((values[known] < 0) | (values[known] > 1)):
        raise DataError(f"p-values are expected between 0 and 1, found {values}")
    order = np.argsort(values)  # NaN last
    steps = np.maximum.accumulate(values[order] * np.arange(values.size, 0, -1))
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(steps, 1.0)
    return adjusted
