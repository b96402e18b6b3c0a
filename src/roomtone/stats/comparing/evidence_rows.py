"""What there is to compare models by on one test set: predicted classes, or losses of rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from roomtone.errors import DataError, nearest
from roomtone.stats.comparing.evidence import check_lengths, finite
from roomtone.stats.confusion import SCORES, Array, class_codes


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
            for name, values in self.predicted.items()
        }
        check_lengths({"labels": labels, **table}, "rows")
        return labels, table


@dataclass(frozen=True)
class SeedPredictions:
    """Predicted classes of models trained with several seeds, on one test set.

    Attributes
    ----------
    labels : array_like of int, shape [n]
        True class codes.
    predicted : mapping of str to mapping of int to array_like of int, shape [n]
        For each model its predictions by seed; two models are compared over the seeds of both.
    num_classes : int
        How many classes there are.
    metric : str
        A key of :data:`roomtone.stats.SCORES`; its mean over the seeds is compared.
    """

    labels: ArrayLike
    predicted: Mapping[str, Mapping[int, ArrayLike]]
    num_classes: int
    metric: str = "f1_macro"

    def columns(self) -> tuple[Array, dict[str, dict[int, Array]]]:
        """Return the labels, and each model's predictions by seed, shape [n] each.

        Raises
        ------
        DataError
            As of :meth:`Predictions.columns`.
        """
        table = {
            name: {
                seed: Predictions(
                    self.labels, {f"{name}, seed {seed}": values}, self.num_classes, self.metric
                ).columns()[1][f"{name}, seed {seed}"]
                for seed, values in of_model.items()
            }
            for name, of_model in self.predicted.items()
        }
        return class_codes(self.labels, self.num_classes, "labels"), table


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
            name: finite(np.asarray(values, np.float64), f"losses of {name!r}")
            for name, values in self.losses.items()
        }
        check_lengths(table, "rows")
        return table
