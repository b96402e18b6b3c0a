"""What a measurement of explanations found: curves, advantages over chance, sentences."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from roomtone.errors import DataError
from roomtone.explain.explanation import rounded
from roomtone.stats.paired import Difference


class NotMeasurableError(DataError):
    """No text allows a measurement, as where none has two words; explanations there are still."""


@dataclass(frozen=True)
class Curve:
    """What a method's words are worth, as means over the texts.

    Attributes
    ----------
    method, title : str
        As `METHODS` calls it, and its name for a reader.
    comprehensiveness : tuple of float
        For each share, what the probability loses without these words; higher is better.
    sufficiency : tuple of float
        For each share, what it loses when these words alone are left; lower is better.
    aopc_comprehensiveness, aopc_sufficiency : float
        Their means over the shares.
    """

    method: str
    title: str
    comprehensiveness: tuple[float, ...]
    sufficiency: tuple[float, ...]
    aopc_comprehensiveness: float
    aopc_sufficiency: float


@dataclass(frozen=True)
class Advantage:
    """How much better a method is than chance on the same texts.

    Attributes
    ----------
    method, over : str
        The method, and what it is compared with: ``"random"`` or ``"uniform"``.
    comprehensiveness, sufficiency : Difference
        Of AOPC, with a paired interval over texts; above 0 where the method is better, for
        sufficiency too.
    """

    method: str
    over: str
    comprehensiveness: Difference
    sufficiency: Difference


@dataclass(frozen=True)
class Faithfulness:
    """How far explanations of an engine can be believed.

    Attributes
    ----------
    model : str
        Name of the engine.
    texts, skipped : int
        Texts that were measured on, and those with fewer than two words or nothing known.
    shares : tuple of float
        Shares of the words that were taken away or kept.
    random_orders : int
        Orders for each text that chance is the mean of.
    seed : int
        Of these orders and of the intervals.
    curves : tuple of Curve
        One for each method, chance included.
    advantages : tuple of Advantage
        Each method against chance.
    verdicts : dict of str to str
        A sentence on each method.
    """

    model: str
    texts: int
    skipped: int
    shares: tuple[float, ...]
    random_orders: int
    seed: int
    curves: tuple[Curve, ...]
    advantages: tuple[Advantage, ...]
    verdicts: dict[str, str]

    def to_dict(self) -> dict[str, Any]:
        """Return the result as values that JSON can hold, numbers to six digits."""
        content = asdict(self)
        content["advantages"] = [
            {
                "method": advantage.method,
                "over": advantage.over,
                "comprehensiveness": advantage.comprehensiveness.to_dict(),
                "sufficiency": advantage.sufficiency.to_dict(),
            }
            for advantage in self.advantages
        ]
        result: dict[str, Any] = rounded(content)
        return result
