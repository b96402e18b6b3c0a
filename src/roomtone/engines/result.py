"""What an engine says of one text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class SentimentResult:
    """The sentiment of one text.

    Attributes
    ----------
    label : str or None
        The most probable class, ``"Negative"`` say; None where the engine abstained.
    score : float
        Probability of the most probable class.
    probs : dict of str to float
        Probability of each class; they sum to 1.
    model : str
        Name of the engine.
    known : bool
        False where nothing in the text is known to the model: the probabilities are then the
        shares of the classes in the training rows.
    labels : tuple of str
        The conformal set of labels where one was asked for, most probable first.

    Examples
    --------
    >>> print(SentimentResult("Good", 0.75, {"Bad": 0.25, "Good": 0.75}, "logreg"))
    Good (Bad 0.25, Good 0.75; logreg)
    """

    label: str | None
    score: float
    probs: dict[str, float]
    model: str
    known: bool = True
    labels: tuple[str, ...] = ()

    @property
    def best(self) -> str:
        """The most probable class, also where the engine abstained."""
        return max(self.probs, key=self.probs.__getitem__)

    def to_dict(self) -> dict[str, Any]:
        """Return the result as values that JSON can hold."""
        return {
            "label": self.label,
            "score": self.score,
            "probs": dict(self.probs),
            "model": self.model,
            "known": self.known,
            "labels": list(self.labels),
        }

    def __str__(self) -> str:
        shares = ", ".join(f"{label} {share:.2f}" for label, share in self.probs.items())
        unknown = "" if self.known else "; nothing in the text is known"
        return f"{self.label or 'undecided'} ({shares}; {self.model}{unknown})"


def capitalised(class_name: str) -> str:
    """Write a class name as results do: ``"Negative"``; the letters after the first stay."""
    return class_name[:1].upper() + class_name[1:]
