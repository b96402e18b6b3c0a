"""Explanations of a whole labelled set: what pushes to each class, and the confident errors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from roomtone.errors import DataError, RoomtoneError
from roomtone.explain.explaining import TEXTS, explained, make_method, weigh
from roomtone.explain.explanation import Explanation, rounded
from roomtone.explain.method import Options
from roomtone.explain.pushes import Push, PushTable
from roomtone.explain.words import IntArray, read_all

if TYPE_CHECKING:
    from roomtone.engines import SentimentEngine


@dataclass(frozen=True, eq=False)
class ErrorExplained:
    """A wrong answer with its words.

    Attributes
    ----------
    row : int
        Which of the texts, counted from 0.
    label : str
        The true class.
    explanation : Explanation
        Why the engine said what it said: of the class that it chose.
    """

    row: int
    label: str
    explanation: Explanation

    @property
    def confidence(self) -> float:
        """Probability of the class that the engine chose."""
        return self.explanation.probs[self.explanation.target]


@dataclass(frozen=True, eq=False)
class CorpusExplanation:
    """What the words of many texts had to do with the answers of an engine.

    Attributes
    ----------
    model, method, title, unit : str
        Name of the engine; how, by name and for a reader; what scores are measured in.
    class_names : tuple of str
        The classes.
    texts, wrong, unknown : int
        Texts that were explained; those whose answer is not their label; those with nothing known.
    least : int
        Texts in which a word must stand to be listed.
    pushes : tuple of Push
        Words and n-grams by class, surest first.
    errors : tuple of ErrorExplained
        The wrong answers, most confident first.
    """

    model: str
    method: str
    title: str
    unit: str
    class_names: tuple[str, ...]
    texts: int
    wrong: int
    unknown: int
    least: int
    pushes: tuple[Push, ...]
    errors: tuple[ErrorExplained, ...]

    def strongest(self, target: str, *, phrases: bool, most: int) -> list[Push]:
        """List what pushes to a class: single words, or n-grams of two words and more."""
        found = [p for p in self.pushes if p.target == target and (p.size > 1) == phrases]
        return found[:most]

    def to_dict(self) -> dict[str, Any]:
        """Return the result as values that JSON can hold, numbers to six digits."""
        return {
            "model": self.model,
            "method": self.method,
            "unit": self.unit,
            "class_names": list(self.class_names),
            "texts": self.texts,
            "wrong": self.wrong,
            "unknown": self.unknown,
            "least": self.least,
            "pushes": [rounded(push.to_dict()) for push in self.pushes],
            "errors": [
                {
                    "row": error.row,
                    "label": error.label,
                    "confidence": rounded(error.confidence),
                    "explanation": error.explanation.to_dict(),
                }
                for error in self.errors
            ],
        }


def explain_corpus(
    engine: SentimentEngine,
    texts: Sequence[str],
    labels: ArrayLike,
    *,
    method: str = "auto",
    least: int = 3,
    options: Options | None = None,
    watch: Callable[[int], None] = lambda done: None,
) -> CorpusExplanation:
    """Explain an engine's answers to labelled texts, and sum up by words and n-grams.

    Parameters
    ----------
    engine : SentimentEngine
        Any engine.
    texts : sequence of str
        Comments as they were written.
    labels : array_like of int, shape [texts]
        Their true class codes.
    method : str
        One whose scores have a sign; ``"auto"`` as in `explain_texts`.
    least : int
        Texts in which a word or n-gram must stand to be listed.
    options : Options, optional
        Choices that methods have.
    watch : callable
        Called with the number of texts done.

    Raises
    ------
    RoomtoneError
        If the method is unknown, cannot explain this engine, or does not tell classes apart.
    DataError
        If there is no text, or not as many labels.
    """
    truth = np.asarray(labels, dtype=np.int64)
    if not len(texts) or truth.shape != (len(texts),):
        raise DataError(
            f"expected texts and as many labels, found {len(texts)} and {list(truth.shape)}"
        )
    way = make_method(engine, method, options or Options())
    if not way.signed:
        raise RoomtoneError(
            f"method {method!r} does not tell for which class a word speaks; use leave_one_out"
        )
    every = np.arange(len(engine.class_names))
    table = PushTable(engine.class_names)
    errors: list[ErrorExplained] = []
    unknown = 0
    for first in range(0, len(texts), TEXTS):
        read = read_all(texts[first : first + TEXTS])
        probs, known = engine.scores([text.text for text in read])
        weights = weigh(engine, way, read, known, np.tile(every, (len(read), 1)))
        unknown += int(len(known) - known.sum())
        best: IntArray = probs.argmax(axis=1)
        for at, (text, weight) in enumerate(zip(read, weights, strict=True)):
            table.add(text, weight.scores)
            if best[at] != truth[first + at]:
                explanation = explained(
                    engine,
                    way,
                    text,
                    code=int(best[at]),
                    scores=weight.scores[best[at]],
                    probs=probs[at],
                    known=bool(known[at]),
                    details={},
                )
                name = engine.class_names[truth[first + at]]
                errors.append(ErrorExplained(first + at, name, explanation))
        watch(first + len(read))
    return CorpusExplanation(
        model=engine.name,
        method=way.name,
        title=way.title,
        unit=way.unit,
        class_names=engine.class_names,
        texts=len(texts),
        wrong=len(errors),
        unknown=unknown,
        least=least,
        pushes=table.listed(least),
        errors=tuple(sorted(errors, key=lambda error: (-error.confidence, error.row))),
    )
