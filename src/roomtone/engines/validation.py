"""What an engine remembers of its validation rows, for abstention and for conformal sets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from roomtone.errors import DataError
from roomtone.stats.conformal import conformal_threshold, lac_scores
from roomtone.stats.confusion import class_codes
from roomtone.stats.selective import abstention_threshold


@dataclass(frozen=True, eq=False)
class ValidationScores:
    """Calibrated probabilities on the validation rows, as far as thresholds need them.

    Attributes
    ----------
    confidence : ndarray of float64, shape [n]
        Probability of the most probable class of each row, ascending.
    nonconformity : ndarray of float64, shape [n]
        One less the probability of the true class of each row, ascending.
    """

    confidence: NDArray[np.float64]
    nonconformity: NDArray[np.float64]

    @classmethod
    def of(cls, probs: ArrayLike, labels: ArrayLike) -> ValidationScores:
        """Collect the scores of validation rows.

        Parameters
        ----------
        probs : array_like of float, shape [n, classes]
            Calibrated probabilities, best by a calibration that has not seen the row.
        labels : array_like of int, shape [n]
            True class codes.

        Raises
        ------
        DataError
            If the shapes disagree, or a label is not the code of a class.
        """
        table = np.asarray(probs, dtype=np.float64)
        codes = class_codes(labels, table.shape[1], "labels")
        if len(codes) != len(table):
            raise DataError(f"{len(table)} rows of probabilities but {len(codes)} labels")
        true = lac_scores(table)[np.arange(len(codes)), codes]
        return cls(np.sort(table.max(axis=1)), np.sort(true))

    def abstention_threshold(self, share: float) -> float:
        """Return the confidence below which a share of the validation rows lies."""
        return abstention_threshold(self.confidence, share)

    def conformal_threshold(self, error_rate: float) -> float:
        """Return the largest score, one less its probability, of a label that belongs to a set."""
        return conformal_threshold(self.nonconformity, error_rate)
