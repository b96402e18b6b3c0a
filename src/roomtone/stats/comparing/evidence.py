"""What there is to compare models by; each kind of evidence calls for tests of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike

from roomtone.errors import DataError
from roomtone.stats.comparing.result import NotComparable
from roomtone.stats.confusion import Array

_Values = TypeVar("_Values")
LOSSES = frozenset({"log_loss", "brier", "ece", "error_rate"})
"""Metrics of which less is better."""

_PART = re.compile(r"(?:^|[\W_]+)(fold|cv|split|repeat|rep|part|run|seed)[\W_]*\d+$", re.IGNORECASE)


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
            If the shapes differ or a score is not a number.
        """
        sign = _sign(self.metric, self.smaller_is_better)
        table = {}
        for name, values in self.scores.items():
            scores = np.asarray(values, dtype=np.float64)
            if scores.ndim == 2 and scores.shape[1]:
                scores = scores.mean(axis=1)
            table[name] = sign * finite(scores, f"scores of {name!r}")
        check_lengths(table, "folds")
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
class DatasetScores:
    """Scores of models on several data sets that share no rows.

    Attributes
    ----------
    scores : mapping of str to array_like of float, shape [N]
        For each model one score a data set.
    datasets : sequence of str, length N
        Their names.
    metric : str
        What the scores are.
    digests : sequence of str, optional
        A digest of each data set's file; two that are the same are refused.
    smaller_is_better : bool or None
        As in :class:`FoldScores`.
    """

    scores: Mapping[str, ArrayLike]
    datasets: Sequence[str]
    metric: str = "f1_macro"
    digests: Sequence[str] | None = None
    smaller_is_better: bool | None = None

    def table(self) -> dict[str, Array]:
        """Return each model's scores, shape [N], turned so that more is better.

        Raises
        ------
        NotComparable
            If two data sets share a name or a digest, or are folds of one by their names.
        DataError
            If the shapes differ or a score is not a number.
        """
        sign = _sign(self.metric, self.smaller_is_better)
        table = {
            name: sign * finite(np.asarray(values, np.float64), f"scores of {name!r}")
            for name, values in self.scores.items()
        }
        check_lengths({"datasets": np.asarray(self.datasets), **table}, "data sets")
        for kind, values in (("names", self.datasets), ("digests", self.digests or ())):
            same = sorted({value for value in values if list(values).count(value) > 1})
            if same:
                raise NotComparable(
                    f"data sets with the same {kind} ({', '.join(same)}) are not independent "
                    "samples; give each data set once"
                )
        roots: dict[str, str] = {}
        for name in self.datasets:
            root = _PART.sub("", name)
            if root in roots:
                raise NotComparable(
                    f"{roots[root]!r} and {name!r} look like parts of one data set: their scores "
                    "are correlated, and no independent samples; give them as FoldScores"
                )
            roots[root] = name
        return table


@dataclass(frozen=True)
class SeedScores:
    """Scores of models trained several times on the same rows, with seeds of their own.

    Attributes
    ----------
    scores : mapping of str to array_like of float, shape [seeds]
        Each model's; the numbers of seeds may differ.
    metric : str
        What the scores are.
    smaller_is_better : bool or None
        As in :class:`FoldScores`.
    """

    scores: Mapping[str, ArrayLike]
    metric: str = "f1_macro"
    smaller_is_better: bool | None = None

    def table(self) -> dict[str, Array]:
        """Return each model's scores, shape [seeds], turned so that more is better.

        Raises
        ------
        DataError
            If a score is not a number.
        """
        sign = _sign(self.metric, self.smaller_is_better)
        return {
            name: sign * finite(np.asarray(values, np.float64), f"scores of {name!r}")
            for name, values in self.scores.items()
        }


def _sign(metric: str, smaller_is_better: bool | None) -> int:
    smaller = metric in LOSSES if smaller_is_better is None else smaller_is_better
    return -1 if smaller else 1


def named_models(table: Mapping[str, _Values]) -> Mapping[str, _Values]:
    """Return the table if it has two models or more; NotComparable if not."""
    if len(table) < 2:
        raise NotComparable(f"2 models or more are compared, found {len(table)}: {list(table)}")
    return table


def finite(values: Array, name: str) -> Array:
    """Return a flat array of numbers; DataError if it is none."""
    if values.ndim != 1 or not values.size or not np.all(np.isfinite(values)):
        raise DataError(f"{name} must be a flat list of numbers, found {values!r:.200}")
    return values


def check_lengths(columns: Mapping[str, Array], unit: str) -> None:
    """Raise a DataError unless all columns are as long."""
    sizes = {name: values.size for name, values in columns.items()}
    if len(set(sizes.values())) > 1:
        raise DataError(f"the same {unit} are expected of each model, found {sizes}")
