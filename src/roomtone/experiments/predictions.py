"""What a model said of the test rows of one fold, and how good that was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from roomtone.errors import DataError
from roomtone.files import write_bytes
from roomtone.stats import classification_metrics
from roomtone.stats.auc import roc_auc

SCORES = (
    *("accuracy", "f1_macro", "f1_micro", "f1_weighted", "precision_macro", "precision_micro"),
    *("recall_macro", "recall_micro", "cohen_kappa", "mcc", "auc", "log_loss", "brier", "ece"),
)
"""The metrics that are one number."""


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a model said of some rows.

    Attributes
    ----------
    rows : ndarray of int64, shape [n]
        Their numbers.
    labels, predictions : ndarray of int64, shape [n]
        True and predicted class codes.
    probabilities : ndarray of float64, shape [n, classes], or None
        None where the model gives none.
    validation_rows : ndarray of int64, shape [m]
        The rows of the training part that were held out from fitting.
    validation_probabilities : ndarray of float64, shape [m, classes], or None
        What combinations are fitted on.
    """

    rows: NDArray[np.int64]
    labels: NDArray[np.int64]
    predictions: NDArray[np.int64]
    probabilities: NDArray[np.float64] | None = None
    validation_rows: NDArray[np.int64] | None = None
    validation_probabilities: NDArray[np.float64] | None = None

    def save(self, path: Path) -> None:
        """Write the arrays, atomically; the same arrays give the same bytes."""
        stream = BytesIO()
        np.savez(stream, **{name: kept for name, kept in vars(self).items() if kept is not None})
        write_bytes(path, stream.getvalue())

    @classmethod
    def load(cls, path: Path) -> Predictions:
        """Read the arrays.

        Raises
        ------
        DataError
            If there is no such file, or it holds something else.
        """
        try:
            with np.load(path, allow_pickle=False) as arrays:
                return cls(**{name: arrays[name] for name in arrays.files})
        except (OSError, EOFError, ValueError, TypeError, KeyError, BadZipFile) as error:
            raise DataError(f"{path}: no predictions of a fold: {error}") from None

    def metrics(self, class_names: Sequence[str]) -> dict[str, Any]:
        """Compute every metric.

        Returns
        -------
        dict
            As of `ClassificationMetrics`, per-class values by class name; also ``"auc"``, and
            micro precision and recall, which with one label a row are the accuracy.
        """
        found = classification_metrics(
            self.labels, self.predictions, len(class_names), self.probabilities
        ).to_dict(class_names)
        area = None if self.probabilities is None else roc_auc(self.probabilities, self.labels)
        micro = dict.fromkeys(("precision_micro", "recall_micro"), found["accuracy"])
        return {**found, **micro, "auc": area}
