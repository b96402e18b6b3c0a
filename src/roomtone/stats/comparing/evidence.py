"""What there is to compare models by; each kind of evidence calls for tests of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from roomtone.errors import DataError, nearest
from roomtone.stats.comparing.result import NotComparable
from roomtone.stats.confusion import SCORES, Array, class_codes

LOSSES = frozenset({"log_loss", "brier", "ece", "error_rate"})
"""Metrics of which less is better."""


@dataclass(frozen=True)
class FoldScores:
    """Scores of models on the same folds of one data set.

    Attributes
    ----------
    scores : mapping of str to array_like, shape [J] or [J, seeds]
        For each model one score a fold, all folds of the first repeat first. Scores of several
        seeds on a fold share its rows; their mean counts as the fold's score.
    n_train, n_test : int or array_like of int, shape [J]
        Rows that a model was fitted on (validation rows included) and tested on, in each fold.
    repeats : int
        How often the whole set was dealt anew. Two folds repeated five times are 5×2cv.
    metric : str
        What the scores are.
    smaller_is_better : bool or None
        None: as the metric's name says (:data:`LOSSES`).
    """

    scores: Mapping[str, ArrayLike]
    n_train: ArrayLike
    n_test: ArrayLike
    repeats: int = 1
    metric: str = "f1_macro"
    smaller_is_better: bool | None = None

    def table(self) -> dict[str, Array]:
        """Return each model's fold scores, shape [J], turned so that more is better.

        Raises
        ------
        DataError
            If there are fewer than two models, the shapes differ or a score is not a number.
        """
        sign = _sign(self.metric, self.smaller_is_better)
        table = {}
        for name, values in _models(self.scores).items():
            scores = np.asarray(values, dtype=np.float64)
            if scores.ndim == 2 and scores.shape[1]:
                scores = scores.mean(axis=1)
            table[name] = sign * _finite(scores, f"scores of {name!r}")
        _same_length(table, "folds")
        count = next(iter(table.values())).size
        if self.repeats < 1 or count % self.repeats:
            raise DataError(
                f"{count} fold scores cannot be {self.repeats} repeats of the same number of folds"
            )
        return table

    def ratio(self) -> float:
        """Return n_test/n_train, the mean over folds.

        Raises
        ------
        DataError
            If a number of rows is not above 0.
        """
        sizes = [np.atleast_1d(np.asarray(rows, float)) for rows in (self.n_train, self.n_test)]
        for name, rows in zip(("n_train", "n_test"), sizes, strict=True):
            if rows.ndim != 1 or not rows.size or not np.all(rows > 0):
                raise DataError(f"{name} must be 1 or more rows in each fold, found {rows}")
        return float(np.mean(sizes[1]) / np.mean(sizes[0]))


@dataclass(frozen=True)
class Predictions:
    """Predicted classes of models on one test set that none of them was fitted on.

    Attributes
    ----------
    labels : array_like of int, shape [n]
        True class codes.
    predicted : mapping of str to array_like of int, shape [n]
        Each model's.
    num_classes : int
        How many classes there are.
    metric : str
        A key of :data:`roomtone.stats.SCORES`.
    groups : array_like, shape [n], optional
        The video or author that each row belongs to; rows of a group are not independent.
    """

    labels: ArrayLike
    predicted: Mapping[str, ArrayLike]
    num_classes: int
    metric: str = "f1_macro"
    groups: ArrayLike | None = None

    def columns(self) -> tuple[Array, dict[str, Array]]:
        """Return the labels and each model's predictions, shape [n] each.

        Raises
        ------
        DataError
            If a code is not that of a class, the lengths differ, or the metric is unknown.
        """
        if self.metric not in SCORES:
            raise DataError(
                f"unknown metric {self.metric!r} (known: {', '.join(SCORES)})"
                f"{nearest(self.metric, SCORES)}; compare losses of rows by RowLosses"
            )
        labels = class_codes(self.labels, self.num_classes, "labels")
        table = {
            name: class_codes(values, self.num_classes, f"predictions of {name!r}")
            for name, values in _models(self.predicted).items()
        }
        _same_length({"labels": labels, **table}, "rows")
        return labels, table


@dataclass(frozen=True)
class RowLosses:
    """Losses of models on each row of one test set, such as the negative log-likelihood.

    Attributes
    ----------
    losses : mapping of str to array_like of float, shape [n]
        Each model's; their mean is the metric, and less is better.
    metric : str
        What the mean is called.
    groups : array_like, shape [n], optional
        As in :class:`Predictions`.
    """

    losses: Mapping[str, ArrayLike]
    metric: str = "log_loss"
    groups: ArrayLike | None = None

    def table(self) -> dict[str, Array]:
        """Return each model's losses, shape [n].

        Raises
        ------
        DataError
            If the lengths differ or a loss is not a number.
        """
        table = {
            name: _finite(np.asarray(values, np.float64), f"losses of {name!r}")
            for name, values in _models(self.losses).items()
        }
        _same_length(table, "rows")
        return table


Evidence = FoldScores | Predictions | RowLosses


def _sign(metric: str, smaller_is_better: bool | None) -> int:
    smaller = metric in LOSSES if smaller_is_better is None else smaller_is_better
    return -1 if smaller else 1


def _models(table: Mapping[str, ArrayLike]) -> Mapping[str, ArrayLike]:
    if len(table) < 2:
        raise NotComparable(f"2 models or more are compared, found {len(table)}: {list(table)}")
    return table


def _finite(values: Array, name: str) -> Array:
    if values.ndim != 1 or not values.size or not np.all(np.isfinite(values)):
        raise DataError(f"{name} must be a flat list of numbers, found {values!r:.200}")
    return values


def _same_length(columns: Mapping[str, Array], unit: str) -> None:
    sizes = {name: values.size for name, values in columns.items()}
    if len(set(sizes.values())) > 1:
        raise DataError(f"the same {unit} are expected of each model, found {sizes}")
