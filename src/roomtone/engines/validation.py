"""What an engine remembers of its validation rows, for abstention and for conformal sets."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from roomtone.errors import DataError
from roomtone.stats.confusion import class_codes


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
            Calibrated probabilities.
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
        true = table[np.arange(len(codes)), codes]
        return cls(np.sort(table.max(axis=1)), np.sort(1 - true))

    def abstention_threshold(self, share: float) -> float:
        """Return the confidence below which a share of the validation rows lies.

        Raises
        ------
        DataError
            If the share is not between 0 and 1.
        """
        _check(share, "abstain")
        return float(np.quantile(self.confidence, share))

    def conformal_threshold(self, error_rate: float) -> float:
        """Return the least probability of a label that belongs to the conformal set.

        Of new texts drawn as the validation rows were, at most the error rate's share have a true
        label outside their set: the threshold on one less the probability is the
        ``ceil((n + 1) (1 - error_rate))``-th smallest validation score (least ambiguous sets,
        Sadinle, Lei & Wasserman 2019). Where there are too few rows for the rate, every label
        belongs to every set.

        Raises
        ------
        DataError
            If the rate is not between 0 and 1.
        """
        _check(error_rate, "error_rate")
        n = len(self.nonconformity)
        rank = math.ceil((n + 1) * (1 - error_rate))
        return 0.0 if rank > n else float(1 - self.nonconformity[rank - 1])


def _check(share: float, option: str) -> None:
    if not 0 < share < 1:
        raise DataError(f"{option} must lie between 0 and 1, found {share}; 0.1 is usual")
