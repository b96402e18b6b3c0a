"""Answering only where the confidence is high: what is gained for each text left undecided."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from roomtone.errors import DataError
from roomtone.stats.confusion import Array

_POINTS = 200


@dataclass(frozen=True)
class RiskCoverage:
    """The share of errors among the most confident predictions (Geifman & El-Yaniv 2017).

    Attributes
    ----------
    coverage : tuple of float
        Share of texts that are decided, ascending to 1; 200 points at most.
    risk : tuple of float
        Share of errors among these.
    confidence : tuple of float
        The least confidence among these.
    aurc : float
        Area under the curve: the mean risk over all coverages, computed from every row.
    best_aurc : float
        What confidences would reach that rank every error last.
    n : int
        Texts.
    """

    coverage: tuple[float, ...]
    risk: tuple[float, ...]
    confidence: tuple[float, ...]
    aurc: float
    best_aurc: float
    n: int

    @property
    def excess(self) -> float:
        """How far the area lies above the best one (Geifman, Uziel & El-Yaniv 2019)."""
        return self.aurc - self.best_aurc

    def risk_at(self, coverage: float) -> float:
        """Return the share of errors where this share of texts, or the next larger, is decided."""
        place = int(np.searchsorted(self.coverage, coverage - 1e-12))
        return self.risk[min(place, len(self.risk) - 1)]

    def to_dict(self) -> dict[str, Any]:
        """Return the curve as values that JSON can hold."""
        values = asdict(self) | {"excess": self.excess}
        return values | {name: list(values[name]) for name in ("coverage", "risk", "confidence")}


def risk_coverage(confidence: ArrayLike, correct: ArrayLike) -> RiskCoverage:
    """Compute the risk-coverage curve.

    Rows of equal confidence cannot be told apart, so each counts with the mean error of its group,
    and the curve does not depend on the order of the rows.

    Parameters
    ----------
    confidence : array_like of float, shape [n]
        Probability of the predicted class.
    correct : array_like of bool, shape [n]
        Whether the prediction is right.

    Raises
    ------
    DataError
        If there are no rows, the lengths differ, or a confidence is not finite.

    Examples
    --------
    >>> curve = risk_coverage([0.9, 0.8, 0.7, 0.6], [True, True, False, True])
    >>> [round(risk, 2) for risk in curve.risk]
    [0.0, 0.0, 0.33, 0.25]
    """
    values, right = _confidences(confidence), np.asarray(correct, dtype=bool)
    if right.shape != values.shape:
        raise DataError(f"{values.size} confidences for {right.size} predictions")
    levels, group, size = np.unique(-values, return_inverse=True, return_counts=True)
    errors = np.bincount(group, ~right)  # from the most confident group on
    decided = np.arange(1, values.size + 1)
    risk = np.cumsum(np.repeat(errors / size, size)) / decided
    ideal = np.cumsum(np.sort(~right)) / decided
    kept = _spread(values.size)
    return RiskCoverage(
        coverage=tuple((decided[kept] / values.size).tolist()),
        risk=tuple(risk[kept].tolist()),
        confidence=tuple((-np.repeat(levels, size)[kept]).tolist()),
        aurc=float(risk.mean()),
        best_aurc=float(ideal.mean()),
        n=values.size,
    )


def abstention_threshold(confidence: ArrayLike, share: float) -> float:
    """Return the confidence below which a share of the rows lies, interpolated between two rows.

    Raises
    ------
    DataError
        If there are no rows, or the share is not between 0 and 1.
    """
    if not 0 < share < 1:
        raise DataError(f"abstain must lie between 0 and 1, found {share}; 0.1 is usual")
    return float(np.quantile(_confidences(confidence), share))


@dataclass(frozen=True)
class Abstention:
    """What leaving some texts undecided does on rows that the threshold was not set on.

    Attributes
    ----------
    share : float
        The share that was to be left undecided.
    threshold : float
        The confidence below which texts are.
    n : int
        Rows tested.
    undecided : float
        The share that was.
    accuracy : float or None
        Share of right predictions among the decided; None if there are none.
    undecided_by_class : tuple of float or None
        The share that was, among the rows of each true class; None for one without rows.
    """

    share: float
    threshold: float
    n: int
    undecided: float
    accuracy: float | None
    undecided_by_class: tuple[float | None, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the result as values that JSON can hold."""
        return asdict(self) | {"undecided_by_class": list(self.undecided_by_class)}


def abstention(
    confidence: ArrayLike, test: tuple[ArrayLike, ArrayLike], share: float
) -> Abstention:
    """Set a threshold on the confidences of validation rows and test it on others.

    Parameters
    ----------
    confidence : array_like of float, shape [m]
        Of the validation rows.
    test : tuple of array_like
        Probabilities, shape [n, classes], and true class codes, shape [n].
    share : float
        To be left undecided, between 0 and 1.

    Raises
    ------
    DataError
        As :func:`abstention_threshold`.
    """
    threshold = abstention_threshold(confidence, share)
    probs, labels = np.asarray(test[0], dtype=np.float64), np.asarray(test[1], dtype=np.int64)
    decided = probs.max(axis=1) >= threshold
    right = (probs.argmax(axis=1) == labels)[decided]
    return Abstention(
        share=share,
        threshold=threshold,
        n=labels.size,
        undecided=float((~decided).mean()),
        accuracy=float(right.mean()) if right.size else None,
        undecided_by_class=tuple(
            float((~decided)[labels == code].mean()) if (labels == code).any() else None
            for code in range(probs.shape[1])
        ),
    )


def _confidences(confidence: ArrayLike) -> Array:
    values = np.asarray(confidence, dtype=np.float64)
    if values.ndim != 1 or values.size == 0 or not np.isfinite(values).all():
        raise DataError(
            f"confidences must be a flat list of numbers, at least one, found shape {values.shape}"
            f"{'' if np.isfinite(values).all() else ' with values that are not finite'}"
        )
    return values


def _spread(rows: int) -> Array:
    """Choose up to `_POINTS` places from 0 to ``rows - 1``, evenly, the last one included."""
    return (
        np.unique(np.linspace(rows / min(rows, _POINTS), rows, min(rows, _POINTS)).astype(int)) - 1
    )
