"""What all ways of weighing words have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from roomtone.errors import ConfigError, nearest
from roomtone.explain.words import FloatArray, IntArray, ReadText

if TYPE_CHECKING:
    from roomtone.engines import SentimentEngine

BASELINES = ("padding", "unknown")
MOST_STEPS = 4096


@dataclass(frozen=True)
class Options:
    """Choices that some methods have.

    Attributes
    ----------
    seed : int
        Of what is drawn.
    baseline : str
        What integrated gradients begin at: ``"padding"``, where each word's vector is zero, or
        ``"unknown"``, where each is that of a word that the vocabulary lacks.
    steps : int
        Points of the path that integrated gradients begin with; doubled until the attributions
        are complete, up to 4,096.
    tolerance : float
        How much of a difference (of at least a quarter of a logit) attributions may miss.

    Raises
    ------
    ConfigError
        With every option that is not allowed.
    """

    seed: int = 42
    baseline: str = "padding"
    steps: int = 32
    tolerance: float = 0.02

    def __post_init__(self) -> None:
        problems = []
        if self.baseline not in BASELINES:
            problems.append(
                f"baseline: found {self.baseline!r}, expected {' or '.join(BASELINES)}"
                f"{nearest(str(self.baseline), BASELINES)}"
            )
        if not 2 <= self.steps <= MOST_STEPS:
            problems.append(f"steps: found {self.steps}, expected 2 to {MOST_STEPS}")
        if not 0 < self.tolerance < 1:
            problems.append(f"tolerance: found {self.tolerance}, expected a share between 0 and 1")
        if self.seed < 0:
            problems.append(f"seed: found {self.seed}, expected a whole number from 0")
        if problems:
            raise ConfigError(problems, source="options of an explanation")


@dataclass(frozen=True, eq=False)
class Weights:
    """What the words of one text weigh.

    Attributes
    ----------
    scores : ndarray of float64, shape [classes asked for, words]
        Above 0 what speaks for a class, below 0 what speaks against it.
    details : tuple of dict
        For each class asked for, what the method has to say beyond the scores.
    """

    scores: FloatArray
    details: tuple[dict[str, Any], ...] = field(default=())


class Method(ABC):
    """A way of weighing the words of a text by what they did to an engine's answer.

    Parameters
    ----------
    options : Options
        Choices that it may have.
    detailed : bool
        Whether to collect what is too long to keep for many texts.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    unit: ClassVar[str]
    signed: ClassVar[bool] = True
    """Whether a word can speak against a class; else all that is told is how much it counts."""

    def __init__(self, options: Options, *, detailed: bool = False) -> None:
        self.options = options
        self.detailed = detailed

    @classmethod
    def refusal(cls, engine: SentimentEngine) -> str | None:
        """Say what an engine would need to have; None if it can be explained in this way."""
        return None

    @abstractmethod
    def weigh(
        self, engine: SentimentEngine, texts: Sequence[ReadText], classes: IntArray
    ) -> list[Weights]:
        """Weigh the words of texts.

        Parameters
        ----------
        engine : SentimentEngine
            What answered.
        texts : sequence of ReadText
            Each with at least one word, and something known to the engine.
        classes : ndarray of int64, shape [texts, classes asked for]
            For each text the codes of the classes that its words may speak for.

        Returns
        -------
        list of Weights
            One for each text.
        """
