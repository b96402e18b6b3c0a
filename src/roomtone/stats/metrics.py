"""Classification metrics of one set of predictions, computed once from the confusion matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from roomtone.errors import DataError
from roomtone.stats import confusion
from roomtone.stats.calibration import class_probabilities, expected_calibration_error
from roomtone.stats.confusion import SCORES, Array, confusion_matrix

__all__ = ["ClassificationMetrics", "classification_metrics", "confusion_matrix"]

_PER_CLASS = ("precision", "recall", "f1", "support")


@dataclass(frozen=True)
class ClassificationMetrics:
    """How good one set of predictions is.

    Macro averages run over the classes that occur among the true or the predicted labels, and a
    quotient whose denominator is 0 counts as 0: scikit-learn's defaults, so that each figure can
    be checked there.

    Attributes
    ----------
    accuracy, f1_macro, f1_micro, f1_weighted, precision_macro, recall_macro : float
        From 0 to 1.
    cohen_kappa, mcc : float
        From -1 to 1; 0 is chance, and stands too where the score is undefined.
    precision, recall, f1 : tuple of float
        For each class.
    support : tuple of int
        True rows of each class.
    confusion : tuple of tuple of int
        Counts, ``confusion[true][predicted]``.
    log_loss : float or None
        Mean negative log-likelihood in nats; None without probabilities, as are the next two.
    brier : float or None
        Mean squared distance to the one-hot label, summed over classes, from 0 to 2 (Brier 1950).
    ece : float or None
        Expected calibration error in 15 bins of equal width (Guo et al. 2017).
    n : int
        Rows scored.
    """

    accuracy: float
    f1_macro: float
    f1_micro: float
    f1_weighted: float
    precision_macro: float
    recall_macro: float
    cohen_kappa: float
    mcc: float
    precision: tuple[float, ...]
    recall: tuple[float, ...]
    f1: tuple[float, ...]
    support: tuple[int, ...]
    confusion: tuple[tuple[int, ...], ...]
    log_loss: float | None
    brier: float | None
    ece: float | None
    n: int

    def to_dict(self, class_names: Sequence[str] | None = None) -> dict[str, Any]:
        """Return the metrics as values that JSON can hold.

        Parameters
        ----------
        class_names : sequence of str, optional
            Keys for the per-class values, which are lists otherwise.

        Raises
        ------
        DataError
            If there are not as many names as classes.
        """
        values = asdict(self)
        values["confusion"] = [list(row) for row in self.confusion]
        for name in _PER_CLASS:
            values[name] = list(values[name])
        if class_names is None:
            return values
        if len(class_names) != len(self.support):
            raise DataError(
                f"{len(class_names)} class names for {len(self.support)} classes: "
                f"{', '.join(class_names)}"
            )
        for name in _PER_CLASS:
            values[name] = dict(zip(class_names, values[name], strict=True))
        return values

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> ClassificationMetrics:
        """Rebuild metrics from :meth:`to_dict`, per-class values keyed by name or not.

        Raises
        ------
        DataError
            If a field is absent.
        """
        absent = [field.name for field in fields(cls) if field.name not in values]
        if absent:
            raise DataError(f"metrics without {', '.join(absent)}")
        known: dict[str, Any] = {field.name: values[field.name] for field in fields(cls)}
        for name in _PER_CLASS:
            column = known[name]
            known[name] = tuple(column.values() if isinstance(column, dict) else column)
        known["confusion"] = tuple(tuple(row) for row in known["confusion"])
        return cls(**known)


def classification_metrics(
    y_true: ArrayLike, y_pred: ArrayLike, num_classes: int, probs: ArrayLike | None = None
) -> ClassificationMetrics:
    """Compute every metric of one set of predictions.

    Parameters
    ----------
    y_true, y_pred : array_like of int, shape [n]
        True and predicted class codes.
    num_classes : int
        How many classes there are.
    probs : array_like of float, shape [n, num_classes], optional
        Predicted probabilities, for the metrics that judge them.

    Raises
    ------
    DataError
        If the shapes disagree, a code is not that of a class, or a probability is not one.

    Examples
    --------
    >>> round(classification_metrics([0, 1, 2, 2], [0, 1, 1, 2], num_classes=3).f1_macro, 4)
    0.7778
    """
    matrix = confusion_matrix(y_true, y_pred, num_classes)
    log_loss = brier = ece = None
    if probs is not None:
        labels = np.asarray(y_true, dtype=np.int64)
        checked = class_probabilities(probs, labels, num_classes)
        log_loss = float(log_losses(checked, labels).mean())
        brier = brier_score(checked, labels)
        ece = expected_calibration_error(checked, labels)
    return ClassificationMetrics(
        **{name: float(score(matrix)) for name, score in SCORES.items()},
        precision=tuple(confusion.precision(matrix).tolist()),
        recall=tuple(confusion.recall(matrix).tolist()),
        f1=tuple(confusion.f1(matrix).tolist()),
        support=tuple(matrix.sum(axis=1).tolist()),
        confusion=tuple(tuple(row) for row in matrix.tolist()),
        log_loss=log_loss,
        brier=brier,
        ece=ece,
        n=int(matrix.sum()),
    )


def log_losses(probs: Array, labels: Array) -> Array:
    """Return the negative log-likelihood of each row in nats, shape [n]."""
    # A probability of exactly 0 would make the mean infinite; scikit-learn clips at the same place.
    chosen = probs[np.arange(labels.size), labels]
    return np.asarray(-np.log(np.clip(chosen, np.finfo(np.float64).eps, 1.0)))


def brier_score(probs: Array, labels: Array) -> float:
    """Return the mean squared distance to the one-hot label, summed over classes (Brier 1950)."""
    # |p - e_y|² = |p|² - 2 p_y + 1 spares the one-hot matrix.
    chosen = probs[np.arange(labels.size), labels]
    return float(np.mean((probs**2).sum(axis=1) - 2 * chosen + 1))
