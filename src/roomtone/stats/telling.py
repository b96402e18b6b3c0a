"""Which words tell classes apart: log-odds under an informative Dirichlet prior."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from roomtone.errors import DataError
from roomtone.stats.confusion import Array

PRIOR_WORDS = 1000.0


@dataclass(frozen=True, eq=False)
class LogOdds:
    """How much more often words occur in one class than in the others.

    Attributes
    ----------
    estimate : ndarray of float64, shape [words, classes]
        Logarithm of the odds in the class over those in all other classes together; above 0
        where the class has more of the word.
    z : ndarray of float64, shape [words, classes]
        The estimate divided by its standard error. Rare words are far from certain, however
        large their odds, and frequent ones that all classes share have odds near 1: both are
        near 0.
    """

    estimate: Array
    z: Array


def log_odds(counts: ArrayLike, *, prior_words: float = PRIOR_WORDS) -> LogOdds:
    """Compare each class with all others, word by word.

    Monroe, Colaresi & Quinn (2008), equations 16 and 22, with the prior of their section 3.5.1:
    each word is expected as often as it occurs in all classes together, and this expectation is
    worth `prior_words` counted words.

    Parameters
    ----------
    counts : array_like of float, shape [words, classes]
        How often each word occurs in each class.
    prior_words : float
        Weight of the prior, above 0; the larger, the more is needed to stand out.

    Raises
    ------
    DataError
        If a count is negative or not a number, or there are fewer than two classes.

    Examples
    --------
    >>> found = log_odds([[90, 10], [10, 90], [500, 500]])
    >>> found.z[:, 0].round(1).tolist()
    [5.2, -5.2, 0.0]
    """
    table = np.asarray(counts, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] < 2:
        raise DataError(f"counts of words in two or more classes expected, found {table.shape}")
    if not np.isfinite(table).all() or (table < 0).any():
        raise DataError("a count of words is negative or not a number")
    if not prior_words > 0:
        raise DataError(f"prior_words must be above 0, found {prior_words}")
    every = table.sum(axis=1, keepdims=True)  # [words, 1]
    total = every.sum()
    if not total:
        nothing = np.zeros_like(table)
        return LogOdds(nothing, nothing)
    prior = prior_words * every / total
    inside, outside = table + prior, every - table + prior  # [words, classes]
    size, rest = table.sum(axis=0), total - table.sum(axis=0)  # [classes]
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = np.log(inside / (size + prior_words - inside)) - np.log(
            outside / (rest + prior_words - outside)
        )
        z = estimate / np.sqrt(1 / inside + 1 / outside)
    # A word that never occurs, or one that is all there is, tells nothing.
    known = np.isfinite(estimate) & (every > 0)
    return LogOdds(np.where(known, estimate, 0.0), np.where(known, z, 0.0))
