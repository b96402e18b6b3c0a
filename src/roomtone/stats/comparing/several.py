"""More than two models at once."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from roomtone.errors import DataError
from roomtone.stats.comparing.result import Finding, NotComparable
from roomtone.stats.comparing.wilcoxon import MIN_DATASETS
from roomtone.stats.confusion import Array

_MIN_ROWS, _MIN_CELLS = 4, 24  # Tate & Brown (1970): below, chi-squared is no good approximation
_CHUNK_VALUES = 2_000_000  # 16 MB of ranks at a time


def cochran_q(correct: Mapping[str, ArrayLike]) -> Finding:
    """Test whether all models have the same accuracy (Cochran 1950).

    Parameters
    ----------
    correct : mapping of str to array_like of bool, shape [n]
        Whether each model is right on each row of one test set.

    Raises
    ------
    NotComparable
        If the models are right and wrong on the same rows, but for too few.
    DataError
        If there are fewer than two models or the lengths differ.
    """
    from scipy.special import chdtrc

    table = _table(correct).astype(np.int64)
    models = table.shape[1]
    mixed = table[np.ptp(table, axis=1) > 0]
    if len(mixed) < _MIN_ROWS or mixed.size < _MIN_CELLS:
        raise NotComparable(
            f"the {models} models differ on {len(mixed)} of {len(table)} rows; Cochran's Q needs "
            f"{max(_MIN_ROWS, math.ceil(_MIN_CELLS / models))} such rows"
        )
    by_model, by_row = mixed.sum(axis=0), mixed.sum(axis=1)
    spread = models * (by_model**2).sum() - by_model.sum() ** 2
    statistic = float((models - 1) * spread / (models * by_row.sum() - (by_row**2).sum()))
    return Finding(
        statistic=statistic,
        p_value=float(chdtrc(models - 1, statistic)),
        effects={
            "degrees_of_freedom": models - 1,
            "rows": len(table),
            "rows_judged_differently": len(mixed),
        },
    )


def friedman(
    scores: Mapping[str, ArrayLike], *, resamples: int = 10_000, seed: int = 42
) -> Finding:
    """Test whether all models rank alike over data sets (Friedman 1937).

    The p-value comes from dealing each data set's ranks anew to the models, as Friedman's own
    argument has it: with few data sets the chi-squared approximation rejects too rarely and the F
    of Iman & Davenport (1980), which Demšar (2006) advises, a little too often. The F and its
    p-value are among the effects.

    Parameters
    ----------
    scores : mapping of str to array_like of float, shape [N]
        Each model's score on each data set; more is better.
    resamples, seed : int
        Of the permutations.

    Raises
    ------
    NotComparable
        If there are fewer than six data sets, or all models are alike on each.
    DataError
        If there are fewer than two models or the lengths differ.
    """
    from scipy.special import fdtrc
    from scipy.stats import rankdata

    table = _table(scores).round(12)
    count, models = table.shape
    if count < MIN_DATASETS:
        raise NotComparable(
            f"{count} data sets are too few for Friedman's test and the tests of pairs after it; "
            f"{MIN_DATASETS} are the least"
        )
    ranks = rankdata(-table, axis=1) - (models + 1) / 2
    spread = float((ranks**2).sum())  # less where there are ties
    if not spread:
        raise NotComparable(f"all models have the same score on each of the {count} data sets")
    between = float((ranks.sum(axis=0) ** 2).sum()) / count
    concordance = min(1.0, between / spread)
    degrees = [models - 1, (models - 1) * (count - 1)]
    # F has no bound where all data sets rank the models alike.
    ratio = (count - 1) * concordance / (1 - concordance) if concordance < 1 - 1e-12 else None
    beyond = _as_far(ranks, between * count, resamples, np.random.default_rng(seed))
    return Finding(
        statistic=count * (models - 1) * concordance,
        p_value=(1 + beyond) / (1 + resamples),
        effects={
            "mean_ranks": dict(
                zip(scores, (ranks.mean(axis=0) + (models + 1) / 2).tolist(), strict=True)
            ),
            "kendalls_w": concordance,
            "iman_davenport_f": ratio,
            "iman_davenport_p": 0.0 if ratio is None else float(fdtrc(*degrees, ratio)),
            "iman_davenport_degrees": degrees,
            "datasets": count,
            "resamples": resamples,
            "sources": ["kendalls_w", "iman_davenport"],
        },
    )


def _as_far(ranks: Array, found: float, resamples: int, generator: np.random.Generator) -> int:
    """Count the deals whose squared rank sums are as large as those found."""
    # Sorted, so that neither the order of the data sets nor of the models decides the draws.
    ranks = np.sort(ranks, axis=1)
    ranks = ranks[np.lexsort(ranks.T)]
    chunk, beyond = max(1, _CHUNK_VALUES // ranks.size), 0
    for start in range(0, resamples, chunk):
        rows = min(chunk, resamples - start)
        dealt = generator.permuted(np.broadcast_to(ranks, (rows, *ranks.shape)), axis=2)
        beyond += int(np.sum((dealt.sum(axis=1) ** 2).sum(axis=1) >= found - 1e-9))
    return beyond


def _table(columns: Mapping[str, ArrayLike]) -> Array:
    """Stack the models' columns, shape [rows, models]."""
    arrays = [np.asarray(values) for values in columns.values()]
    if len(arrays) < 2 or len({column.shape for column in arrays}) > 1 or arrays[0].ndim != 1:
        raise DataError(
            f"columns of the same length for 2 models or more are expected, found "
            f"{[column.shape for column in arrays]}"
        )
    return np.stack(arrays, axis=1)
