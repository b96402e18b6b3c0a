"""What a comparison of models found, as values that JSON can hold."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from roomtone.errors import DataError

_SURE = 0.95  # posterior probability at which Benavoli et al. (2017) decide


class NotComparable(DataError):  # noqa: N818 - it names what the evidence is, as its siblings do
    """The evidence cannot bear a comparison: too few folds, dependent samples, nothing differs."""


@dataclass(frozen=True)
class Finding:
    """What one test found, before it is said of which models.

    Attributes
    ----------
    statistic, p_value : float or None
        Two-sided; None where the method has no such thing.
    difference, low, high : float or None
        The gain and its interval, above 0 where the first model is better.
    interval : str
        How the interval was computed: a key of :data:`roomtone.stats.sources.SOURCES`, or ``""``.
    effects : dict
        Effect sizes, power and what else the method says, by name.
    note : str
        What a reader has to know to read the figures; may be empty.
    """

    statistic: float | None
    p_value: float | None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    interval: str = ""
    effects: dict[str, Any] = field(default_factory=dict)
    note: str = ""

    def turned(self) -> Finding:
        """Return the same seen from the other model: signs change, p stays."""

        def negated(value: float | None) -> float | None:
            return None if value is None else -value

        return replace(
            self,
            statistic=negated(self.statistic),
            difference=negated(self.difference),
            low=negated(self.high),
            high=negated(self.low),
        )


@dataclass(frozen=True)
class Comparison:
    """One model against the reference, or all models at once.

    Attributes
    ----------
    method : str
        The test, a key of :data:`roomtone.stats.sources.SOURCES`.
    statistic, p_value : float or None
        Two-sided, before any correction. None where the method has none, or (see `note`) where
        this pair could not be tested.
    difference, low, high : float or None
        The gain of `model` over `reference` in units of the metric, above 0 where `model` is
        better (for a loss, too), and its interval. None for a test of all models at once.
    confidence : float
        Nominal coverage of the interval, which is not corrected for the number of comparisons;
        1 less this is the level of the test.
    decision : tuple of str
        Sentences: what the evidence is, which test it calls for and why.
    reference : str or None
        The model compared with; None for a test of all models at once.
    adjusted_p : float or None
        After Holm's correction; None where one comparison was made.
    effects : dict
        Effect sizes, power and what else the method says, by name.
    note : str
        What a reader has to know to read the figures; may be empty.
    model : str or None
        The model compared; None for a test of all models at once.
    metric : str
        What was compared.
    interval : str
        How the interval was computed; a key of the sources, or ``""`` without one.
    """

    method: str
    statistic: float | None
    p_value: float | None
    difference: float | None
    low: float | None
    high: float | None
    confidence: float
    decision: tuple[str, ...]
    reference: str | None
    adjusted_p: float | None
    effects: dict[str, Any]
    note: str
    model: str | None
    metric: str
    interval: str = ""

    @property
    def outcome(self) -> str:
        """``better``, ``worse``, ``equivalent``, ``differ`` (all at once) or ``undecided``.

        ``undecided`` does not say that the models are alike: the rows may have been too few.
        ``not tested`` is a pair that could not be; its note says why.
        """
        posterior = self.effects.get("posterior")
        if self.p_value is None and posterior:
            return next((name for name, share in posterior.items() if share > _SURE), "undecided")
        p_value = self.p_value if self.adjusted_p is None else self.adjusted_p
        if p_value is None:
            return "not tested"
        if p_value >= 1 - self.confidence - 1e-12:
            return "undecided"
        if self.difference is None:
            return "differ"
        return "better" if self.difference > 0 else "worse"

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of :data:`roomtone.stats.sources.SOURCES` that a report of this should cite."""
        holm = ["holm"] if self.adjusted_p is not None else []
        sizes = [str(name) for name in self.effects.get("sources", ())]
        return tuple(dict.fromkeys([self.method, *holm, *filter(None, [self.interval]), *sizes]))

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as values that JSON can hold."""
        values = asdict(self) | {"outcome": self.outcome, "sources": list(self.sources)}
        return values | {"decision": list(self.decision)}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Comparison:
        """Rebuild a comparison from :meth:`to_dict`.

        Raises
        ------
        DataError
            If a field is absent.
        """
        absent = [entry.name for entry in fields(cls) if entry.name not in values]
        if absent:
            raise DataError(f"a comparison without {', '.join(absent)}")
        known = {entry.name: values[entry.name] for entry in fields(cls)}
        return cls(**known | {"decision": tuple(known["decision"])})
