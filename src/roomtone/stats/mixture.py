"""Weights of a mixture of models by maximum likelihood."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from roomtone.errors import DataError
from roomtone.stats.confusion import Array

_SMALLEST = 1e-13
_TOLERANCE = 1e-6  # nats
_MOST_STEPS = 20_000


def fit_mixture(true_probs: ArrayLike) -> Array:
    """Find the weights under which a mixture makes the true labels most probable.

    The loss, ``-mean(log(true_probs @ weights))``, is convex over weights that are 0 or more and
    sum to 1. Expectation maximisation (Dempster, Laird & Rubin 1977) lowers it at every step; it
    stops once the loss is at most a millionth of a nat above the smallest one, which the largest
    mean responsibility bounds.

    Parameters
    ----------
    true_probs : array_like of float, shape [n, models]
        Probability that each model gives to each row's true label.

    Returns
    -------
    ndarray of float64, shape [models]
        Weights that sum to 1.

    Raises
    ------
    DataError
        If it is no table with rows and models, or a value is not from 0 to 1.

    Examples
    --------
    >>> fit_mixture([[0.9, 0.2], [0.8, 0.1]]).round(3).tolist()
    [1.0, 0.0]
    """
    table = np.asarray(true_probs, dtype=np.float64)
    if table.ndim != 2 or 0 in table.shape or not ((table >= 0) & (table <= 1)).all():
        raise DataError(
            f"expected a table of probabilities, rows by models, found shape {list(table.shape)}"
        )
    table = np.maximum(table, _SMALLEST)
    weights = np.full(table.shape[1], 1 / table.shape[1])
    for _ in range(_MOST_STEPS):
        ratio = (table / (table @ weights)[:, None]).mean(axis=0)
        if ratio.max() - 1 <= _TOLERANCE:
            break
        weights *= ratio
    return np.asarray(weights / weights.sum())
