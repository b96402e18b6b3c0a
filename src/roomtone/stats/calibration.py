"""Calibration: whether a confidence of 80 % means being right in 80 % of the cases."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from roomtone.errors import DataError
from roomtone.stats.confusion import Array, class_codes


@dataclass(frozen=True)
class ReliabilityBins:
    """Predictions grouped by confidence, the probability of the predicted class.

    Attributes
    ----------
    edges : tuple of float, length bins + 1
        A bin holds the confidences above its left edge and up to its right one.
    confidence, accuracy : tuple of float, length bins
        Mean confidence and share of right predictions; NaN where a bin is empty.
    count : tuple of int, length bins
        Predictions in each bin.
    """

    edges: tuple[float, ...]
    confidence: tuple[float, ...]
    accuracy: tuple[float, ...]
    count: tuple[int, ...]

    @property
    def ece(self) -> float:
        """Mean gap between confidence and accuracy, weighted by count (Guo et al. 2017, eq. 3)."""
        filled = [
            count * abs(accuracy - confidence)
            for confidence, accuracy, count in zip(
                self.confidence, self.accuracy, self.count, strict=True
            )
            if count
        ]
        return math.fsum(filled) / sum(self.count)

    def to_dict(self) -> dict[str, Any]:
        """Return the bins as values that JSON can hold; an empty bin's means are None."""
        return {
            "edges": list(self.edges),
            "confidence": [None if math.isnan(value) else value for value in self.confidence],
            "accuracy": [None if math.isnan(value) else value for value in self.accuracy],
            "count": list(self.count),
        }


def expected_calibration_error(
    probs: ArrayLike, y_true: ArrayLike, bins: int = 15, equal_mass: bool = False
) -> float:
    """Return the expected calibration error (Guo et al. 2017, eq. 3).

    Parameters
    ----------
    probs : array_like of float, shape [n, num_classes]
        Predicted probabilities.
    y_true : array_like of int, shape [n]
        True class codes.
    bins : int
        Number of confidence bins.
    equal_mass : bool
        Put about as many predictions into each bin, in place of bins of equal width.

    Returns
    -------
    float
        From 0 (calibrated) to 1.

    Raises
    ------
    DataError
        As :func:`reliability_bins`.
    """
    return reliability_bins(probs, y_true, bins, equal_mass).ece


def reliability_bins(
    probs: ArrayLike, y_true: ArrayLike, bins: int = 15, equal_mass: bool = False
) -> ReliabilityBins:
    """Group predictions by confidence and measure how often each group is right.

    Parameters
    ----------
    probs : array_like of float, shape [n, num_classes]
        Predicted probabilities; the largest of a row is its prediction and its confidence.
    y_true : array_like of int, shape [n]
        True class codes.
    bins : int
        Number of bins; with `equal_mass` fewer come back where confidences tie.
    equal_mass : bool
        Set the edges at quantiles of the confidence, in place of bins of equal width.

    Raises
    ------
    DataError
        If the shapes disagree, a value is not a probability, or `bins` is below 1.
    """
    if bins < 1:
        raise DataError(f"bins must be 1 or more, found {bins}")
    table = np.asarray(probs, dtype=np.float64)
    num_classes = table.shape[1] if table.ndim == 2 else 0
    labels = class_codes(y_true, num_classes, "y_true") if num_classes else np.asarray(y_true)
    table = class_probabilities(table, labels, num_classes)
    confidence, correct = table.max(axis=1), table.argmax(axis=1) == labels
    steps = np.linspace(0.0, 1.0, bins + 1)
    edges = np.unique(np.quantile(confidence, steps)) if equal_mass else steps
    if edges.size == 1:  # every prediction has the same confidence
        edges = np.repeat(edges, 2)
    # Ties share a bin, so that the result does not depend on the order of the rows.
    place = np.searchsorted(edges[1:-1], confidence, side="left")
    count = np.bincount(place, minlength=edges.size - 1)
    with np.errstate(invalid="ignore"):
        mean_confidence = np.bincount(place, confidence, edges.size - 1) / count
        mean_accuracy = np.bincount(place, correct, edges.size - 1) / count
    return ReliabilityBins(
        edges=tuple(edges.tolist()),
        confidence=tuple(mean_confidence.tolist()),
        accuracy=tuple(mean_accuracy.tolist()),
        count=tuple(count.tolist()),
    )


def class_probabilities(probs: ArrayLike, labels: Array, num_classes: int) -> Array:
    """Check predicted probabilities and scale each row to sum to exactly 1.

    Returns
    -------
    ndarray of float64, shape [n, num_classes]

    Raises
    ------
    DataError
        If the shape is not ``[len(labels), num_classes]``, a value lies outside 0 to 1, or a row
        does not sum to 1 (to 0.01: half-precision probabilities and rounded files are welcome).
    """
    table = np.asarray(probs, dtype=np.float64)
    if table.ndim != 2 or table.shape != (labels.size, num_classes):
        raise DataError(
            f"probabilities must have the shape [rows, classes], here "
            f"[{labels.size}, {num_classes or 'classes'}], found {list(table.shape)}"
        )
    totals = table.sum(axis=1)
    wrong = ~((table >= 0).all(axis=1) & (np.abs(totals - 1) <= 0.01))
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise DataError(
            f"row {row} of the probabilities is {np.round(table[row], 4).tolist()}; "
            "each must be 0 or more and a row must sum to 1 (pass a softmax, not logits)"
        )
    return np.asarray(table / totals[:, None])
