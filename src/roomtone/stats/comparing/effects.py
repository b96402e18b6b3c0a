"""How large a difference is, in units that do not depend on the number of runs."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from roomtone.errors import DataError


def cliffs_delta(first: ArrayLike, second: ArrayLike, confidence: float = 0.95) -> dict[str, Any]:
    """Return the chance that a score of `first` is above one of `second`, less that of below.

    This is Cliff's delta (1993). The interval is the asymmetric one of Feng & Cliff (2004), which
    takes the scores within each sample to be independent.

    Parameters
    ----------
    first, second : array_like of float, shape [n] and [m]
        Two scores each, or more.
    confidence : float
        Nominal coverage of the interval.

    Returns
    -------
    dict
        ``cliffs_delta``, from -1 to 1, and ``cliffs_delta_interval``.

    Raises
    ------
    DataError
        If a sample has fewer than two scores.
    """
    from scipy.special import ndtri

    ours, theirs = np.asarray(first, np.float64), np.asarray(second, np.float64)
    n, m = ours.size, theirs.size
    if min(n, m) < 2:
        raise DataError(f"2 scores of each model or more are expected, found {n} and {m}")
    above = np.sign(np.subtract.outer(ours, theirs))
    delta, z = float(above.mean()), float(ndtri((1 + confidence) / 2))
    if abs(delta) == 1:  # no variance is left to estimate from; Feng & Cliff's bound for this case
        near = (min(n, m) - z**2) / (min(n, m) + z**2)
        ends = [near, 1.0] if delta > 0 else [-1.0, -near]
    else:
        spread = (
            m**2 * ((above.mean(axis=1) - delta) ** 2).sum()
            + n**2 * ((above.mean(axis=0) - delta) ** 2).sum()
            - ((above - delta) ** 2).sum()
        )
        variance = max(spread / (n * m * (n - 1) * (m - 1)), (1 - delta**2) / (n * m - 1))
        half = z * np.sqrt(variance) * np.sqrt((1 - delta**2) ** 2 + z**2 * variance)
        ends = [
            float((delta - delta**3 + side * half) / (1 - delta**2 + z**2 * variance))
            for side in (-1, 1)
        ]
    return {"cliffs_delta": delta, "cliffs_delta_interval": ends}
