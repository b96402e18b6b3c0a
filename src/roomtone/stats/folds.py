"""Dealing rows out to folds, each with its share of every class."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from roomtone.errors import DataError
from roomtone.stats.confusion import Array


def deal_folds(labels: ArrayLike, folds: int, seed: int) -> Array:
    """Give each row the number of its fold; a class has as many rows in one fold as in another.

    Up to one row, that is. It does not matter in what order the classes are numbered.

    Parameters
    ----------
    labels : array_like of int, shape [n]
        Class codes.
    folds : int
        How many folds, from 2 to the number of rows.
    seed : int
        Decides which rows go together.

    Returns
    -------
    ndarray of int64, shape [n]
        From 0 to ``folds - 1``; none of them is without a row.

    Raises
    ------
    DataError
        If there cannot be as many folds.
    """
    codes = np.asarray(labels)
    if not 2 <= folds <= codes.size:
        raise DataError(f"folds: found {folds}, expected 2 to {codes.size}, the number of rows")
    order = np.random.default_rng(seed).permutation(codes.size)
    _, first = np.unique(codes[order], return_index=True)
    fold = np.empty(codes.size, dtype=np.int64)
    dealt = 0
    for start in np.sort(first):  # classes in the order in which they first turn up
        rows = order[codes[order] == codes[order[start]]]
        fold[rows] = (dealt + np.arange(rows.size)) % folds
        dealt += rows.size
    return fold
