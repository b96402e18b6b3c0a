"""What an engine's confidences are worth, on rows that decided nothing about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import ArrayLike

from roomtone.engines.base import SentimentEngine
from roomtone.errors import DataError, RoomtoneError
from roomtone.stats.conformal import ConformalCoverage, conformal_coverage
from roomtone.stats.confusion import class_codes
from roomtone.stats.selective import Abstention, RiskCoverage, abstention, risk_coverage

SHARES = (0.05, 0.1, 0.2)
ERROR_RATES = (0.05, 0.1, 0.2)


@dataclass(frozen=True)
class TrustReport:
    """What abstention and label sets do on test rows.

    Attributes
    ----------
    class_names : tuple of str
        What the values by class are of.
    risk_coverage : RiskCoverage
        The share of errors among the most confident predictions.
    abstention : tuple of Abstention
        For each of `SHARES`.
    conformal : tuple of ConformalCoverage
        For each of `ERROR_RATES`.
    """

    class_names: tuple[str, ...]
    risk_coverage: RiskCoverage
    abstention: tuple[Abstention, ...]
    conformal: tuple[ConformalCoverage, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the report as values that JSON can hold."""
        return {
            "class_names": list(self.class_names),
            "risk_coverage": self.risk_coverage.to_dict(),
            "abstention": [result.to_dict() for result in self.abstention],
            "conformal": [result.to_dict() for result in self.conformal],
        }


def trust_report(engine: SentimentEngine, texts: Sequence[str], labels: ArrayLike) -> TrustReport:
    """Test an engine's thresholds.

    Parameters
    ----------
    engine : SentimentEngine
        With validation scores.
    texts, labels : sequence of str and array_like of int, shape [n]
        Test rows, which neither the engine nor its calibration was fitted on.

    Raises
    ------
    RoomtoneError
        If the engine was never calibrated, or texts and labels do not fit.
    """
    if engine.validation is None:
        raise RoomtoneError(f"engine {engine.name!r} has no validation scores; calibrate it first")
    probs = engine.predict_proba(texts)
    codes = class_codes(labels, len(engine.class_names), "labels")
    if codes.size != len(probs):
        raise DataError(f"{len(probs)} texts but {codes.size} labels; one for each is needed")
    scores = engine.validation
    return TrustReport(
        engine.class_names,
        risk_coverage(probs.max(axis=1), probs.argmax(axis=1) == codes),
        tuple(abstention(scores.confidence, (probs, codes), share) for share in SHARES),
        tuple(
            conformal_coverage(scores.conformal_threshold(rate), (probs, codes), rate)
            for rate in ERROR_RATES
        ),
    )
