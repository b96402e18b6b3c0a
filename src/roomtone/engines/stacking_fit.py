"""Fitting a stacking engine on out-of-fold probabilities, or on rows that no engine saw."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress

import numpy as np
from numpy.typing import ArrayLike, NDArray

from roomtone.data.duplicates import TextKeys
from roomtone.engines.base import FloatArray, SentimentEngine
from roomtone.engines.members import common_classes, member_probs
from roomtone.engines.stacking import StackingEngine, features
from roomtone.errors import DataError
from roomtone.stats.combining import CombinationGain, Combine, combination_gain
from roomtone.stats.confusion import class_codes
from roomtone.stats.folds import deal_folds
from roomtone.stats.logistic import fit_logistic
from roomtone.texts import checked_texts

FitEngine = Callable[[list[str], NDArray[np.int64]], SentimentEngine]
"""Fits an engine on texts and class codes; one that learns nothing may be returned as it is."""


@dataclass(frozen=True, eq=False)
class FittedStacking:
    """A stacking engine, and what it gains.

    Attributes
    ----------
    engine : StackingEngine
    gain : CombinationGain
        Over equal weights and over the best single engine, cross-fitted.
    """

    engine: StackingEngine
    gain: CombinationGain


def fit_stacking(
    fits: Mapping[str, FitEngine],
    texts: Sequence[str],
    labels: ArrayLike,
    *,
    folds: int = 5,
    l2: float = 1.0,
    seed: int = 42,
    name: str = "stacking",
) -> FittedStacking:
    """Fit engines and the logistic model over them on the same rows, without a leak.

    The logistic model learns from out-of-fold probabilities alone: those of each row come from
    engines that were fitted on the other folds, and texts that are equal but for case and
    punctuation are in one fold. The
    engines that it then weighs are fitted on all rows.

    Parameters
    ----------
    fits : mapping of str to callable
        What fits each engine.
    texts, labels : sequence of str and array_like of int, shape [n]
        Training rows and their class codes.
    folds : int
        How many folds.
    l2 : float
        Penalty on the coefficients of the logistic model.
    seed : int
        Decides the folds.
    name : str
        What results call the engine.

    Raises
    ------
    RoomtoneError
        If an engine cannot be fitted, the engines differ in their classes, or rows and labels do
        not fit.
    """
    listed = checked_texts(texts)
    codes = np.asarray(labels)
    final = {name: fit(listed, codes) for name, fit in fits.items()}
    codes = class_codes(codes, len(common_classes("stacking", final)), "labels")
    probs = out_of_fold(fits, listed, codes, folds=folds, seed=seed)
    return _fitted(final, probs, codes, l2=l2, seed=seed, name=name)


def stack_fitted(
    models: Mapping[str, SentimentEngine],
    texts: Sequence[str],
    labels: ArrayLike,
    *,
    l2: float = 1.0,
    seed: int = 42,
    name: str = "stacking",
) -> FittedStacking:
    """Fit the logistic model over engines as they are, on rows that none of them was fitted on.

    Parameters
    ----------
    models : mapping of str to SentimentEngine
        The engines, by name.
    texts, labels : sequence of str and array_like of int, shape [n]
        Validation rows and their class codes.
    l2, seed, name : float, int and str
        As in `fit_stacking`.

    Raises
    ------
    RoomtoneError
        If the engines differ in their classes, or rows and labels do not fit.
    """
    codes = class_codes(labels, len(common_classes("stacking", models)), "labels")
    probs, _ = member_probs(models, checked_texts(texts))
    return _fitted(models, probs, codes, l2=l2, seed=seed, name=name)


def out_of_fold(
    fits: Mapping[str, FitEngine],
    texts: Sequence[str],
    labels: NDArray[np.int64],
    *,
    folds: int,
    seed: int,
    groups: NDArray[np.int64] | None = None,
) -> FloatArray:
    """Score each row by engines that were fitted on neither it nor a copy of it.

    Parameters
    ----------
    fits, texts, labels, folds, seed
        As of `fit_stacking`.
    groups : ndarray of int64, shape [n], optional
        Rows of one group are in one fold; where not given, those of texts that are equal but for
        case and punctuation.

    Returns
    -------
    ndarray of float64, shape [engines, n, classes]

    Raises
    ------
    DataError
        If there are not as many labels as texts, or fewer different texts than folds.
    """
    if len(texts) != labels.size:
        raise DataError(f"{len(texts)} texts but {labels.size} labels")
    keys = TextKeys.of(texts).normalized if groups is None else groups
    _, first, group = np.unique(keys, return_index=True, return_inverse=True)
    fold = deal_folds(labels[first], folds, seed)[group]
    parts = []
    for number_of_fold in range(folds):
        held_out = fold == number_of_fold
        seen = list(compress(texts, ~held_out))
        models = {name: fit(seen, labels[~held_out]) for name, fit in fits.items()}
        common_classes("stacking", models)
        parts.append(member_probs(models, list(compress(texts, held_out)))[0])
    order = np.argsort(fold, kind="stable")  # of the rows in the parts
    return np.concatenate(parts, axis=1)[:, np.argsort(order)]


def _fitted(
    models: Mapping[str, SentimentEngine],
    probs: FloatArray,
    codes: NDArray[np.int64],
    *,
    l2: float,
    seed: int,
    name: str,
) -> FittedStacking:
    def fit(some: FloatArray, labels: NDArray[np.int64]) -> Combine:
        meta = fit_logistic(features(some), labels, some.shape[2], l2=l2)
        return lambda others: np.exp(meta.log_probs(features(others)))

    gain = combination_gain(probs, codes, fit, seed=seed)
    meta = fit_logistic(features(probs), codes, probs.shape[2], l2=l2)
    return FittedStacking(StackingEngine(models, meta, name=name), gain)
