"""The confusion matrix, and every score that can be computed from its counts alone.

Each score takes a stack of matrices ``[..., C, C]`` and returns ``[...]``, so that one formula
serves an epoch's metrics and the thousands of resamples of a bootstrap.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from roomtone.errors import DataError

Array = NDArray[Any]


def confusion_matrix(y_true: ArrayLike, y_pred: ArrayLike, num_classes: int) -> Array:
    """Count how often each true class was given each predicted class.

    Parameters
    ----------
    y_true, y_pred : array_like of int, shape [n]
        True and predicted class codes, each from 0 to ``num_classes - 1``.
    num_classes : int
        How many classes there are, whether or not all of them occur.

    Returns
    -------
    ndarray of int64, shape [num_classes, num_classes]
        Rows are true classes, columns predicted ones.

    Raises
    ------
    DataError
        If there are no rows, the lengths differ, or a code is not that of a class.
    """
    cells = np.bincount(cell_codes(y_true, y_pred, num_classes), minlength=num_classes**2)
    return cells.reshape(num_classes, num_classes)


def cell_codes(y_true: ArrayLike, y_pred: ArrayLike, num_classes: int) -> Array:
    """Return the cell of the flattened confusion matrix that each row falls into, shape [n].

    Raises
    ------
    DataError
        As :func:`confusion_matrix` does.
    """
    true = class_codes(y_true, num_classes, "y_true")
    predicted = class_codes(y_pred, num_classes, "y_pred")
    if true.size != predicted.size:
        raise DataError(
            f"y_true has {true.size} labels and y_pred has {predicted.size}; "
            "they must describe the same rows"
        )
    return true * num_classes + predicted


def class_codes(labels: ArrayLike, num_classes: int, name: str) -> Array:
    """Check class codes and return them as an array.

    Returns
    -------
    ndarray of int64, shape [n]

    Raises
    ------
    DataError
        If they are not a non-empty flat list of whole numbers from 0 to ``num_classes - 1``.
    """
    codes = np.asarray(labels)
    if codes.ndim != 1 or codes.size == 0:
        raise DataError(
            f"{name} must be a flat list with at least one label, found shape {codes.shape}"
        )
    if codes.dtype.kind not in "iub" and not _are_whole_numbers(codes):
        raise DataError(
            f"{name} must hold whole class codes, found {str(codes[0])!r} ({codes.dtype})"
        )
    codes = codes.astype(np.int64)
    if codes.min() < 0 or codes.max() >= num_classes:
        wrong = codes[(codes < 0) | (codes >= num_classes)][0]
        raise DataError(
            f"{name} holds the class code {wrong}; with {num_classes} classes "
            f"the codes are 0 to {num_classes - 1}"
        )
    return codes


def _are_whole_numbers(codes: Array) -> bool:
    return codes.dtype.kind == "f" and bool(np.all(np.isfinite(codes) & (codes == np.floor(codes))))


def divide(numerator: Array, denominator: Array) -> Array:
    """Divide, with 0 where the denominator is 0: scikit-learn's convention, without its warning."""
    quotient = np.zeros(np.broadcast_shapes(numerator.shape, denominator.shape))
    return np.divide(numerator, denominator, out=quotient, where=denominator != 0)


def precision(matrix: Array) -> Array:
    """Share of each class's predictions that are right, ``[..., C, C]`` to ``[..., C]``."""
    return divide(_hits(matrix), matrix.sum(axis=-2))


def recall(matrix: Array) -> Array:
    """Share of each class's rows that were found, ``[..., C, C]`` to ``[..., C]``."""
    return divide(_hits(matrix), matrix.sum(axis=-1))


def f1(matrix: Array) -> Array:
    """Harmonic mean of precision and recall for each class, ``[..., C, C]`` to ``[..., C]``."""
    return divide(2 * _hits(matrix), matrix.sum(axis=-1) + matrix.sum(axis=-2))


def accuracy(matrix: Array) -> Array:
    """Share of rows that are right; micro-averaged F1 is the same number (one label per row)."""
    return divide(_hits(matrix).sum(axis=-1), _total(matrix))


def f1_macro(matrix: Array) -> Array:
    """Mean F1 over the classes that occur."""
    return _macro(f1(matrix), matrix)


def precision_macro(matrix: Array) -> Array:
    """Mean precision over the classes that occur."""
    return _macro(precision(matrix), matrix)


def recall_macro(matrix: Array) -> Array:
    """Mean recall over the classes that occur."""
    return _macro(recall(matrix), matrix)


def f1_weighted(matrix: Array) -> Array:
    """Mean F1, each class weighted by its number of true rows."""
    support = matrix.sum(axis=-1)
    return divide((f1(matrix) * support).sum(axis=-1), _total(matrix))


def cohen_kappa(matrix: Array) -> Array:
    """Agreement beyond chance (Cohen 1960); 0 where chance alone explains everything."""
    total = _total(matrix).astype(float)
    expected = (matrix.sum(axis=-1) * (matrix.sum(axis=-2) / total[..., None])).sum(axis=-1)
    return divide(_hits(matrix).sum(axis=-1) - expected, total - expected)


def mcc(matrix: Array) -> Array:
    """Matthews correlation for any number of classes (R_K, Gorodkin 2004, eq. 8)."""
    total = _total(matrix).astype(float)
    true, predicted = matrix.sum(axis=-1) / total[..., None], matrix.sum(axis=-2) / total[..., None]
    covariance = _hits(matrix).sum(axis=-1) / total - (true * predicted).sum(axis=-1)
    spread = (1 - (true**2).sum(axis=-1)) * (1 - (predicted**2).sum(axis=-1))
    return divide(covariance, np.sqrt(np.maximum(spread, 0.0)))


def _hits(matrix: Array) -> Array:
    return np.diagonal(matrix, axis1=-2, axis2=-1)


def _total(matrix: Array) -> Array:
    return np.asarray(matrix.sum(axis=(-2, -1)))


def _macro(per_class: Array, matrix: Array) -> Array:
    # A class with neither true nor predicted rows has no score to average (scikit-learn's
    # default too), so that a figure can be checked from predictions.csv with scikit-learn.
    occurs = (matrix.sum(axis=-1) + matrix.sum(axis=-2)) > 0
    return divide((per_class * occurs).sum(axis=-1), occurs.sum(axis=-1))


SCORES: Mapping[str, Callable[[Array], Array]] = MappingProxyType(
    {
        "accuracy": accuracy,
        "f1_macro": f1_macro,
        "f1_micro": accuracy,
        "f1_weighted": f1_weighted,
        "precision_macro": precision_macro,
        "recall_macro": recall_macro,
        "cohen_kappa": cohen_kappa,
        "mcc": mcc,
    }
)
