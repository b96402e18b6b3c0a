"""An explanation of one answer: its words, what each weighs, and what the method says besides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from roomtone.explain.words import FloatArray, Word

_DIGITS = 6


@dataclass(frozen=True, eq=False)
class Explanation:
    """What the words of a text had to do with the answer of an engine.

    Attributes
    ----------
    text : str
        The text as it was written.
    words : tuple of Word
        Its words, with their places in it.
    scores : ndarray of float64, shape [words]
        What each weighs: above 0 what speaks for `target`, below 0 what speaks against it.
    target : str
        The class that is explained.
    method : str
        How, as `METHODS` calls it.
    title, unit : str
        The method's name for a reader, and what its scores are measured in.
    signed : bool
        Whether a score can be below 0.
    model : str
        Name of the engine.
    probs : dict of str to float
        What the engine answered: the probability of each class.
    known : bool
        False where nothing in the text is known to the engine: it then answers with the shares
        of the classes in its training rows, and no word has a part in that.
    details : dict
        What the method says besides: ``heads`` and ``pooled`` of attention, the check of
        integrated gradients, ``ngrams`` or ``features``.
    """

    text: str
    words: tuple[Word, ...]
    scores: FloatArray
    target: str
    method: str
    title: str
    unit: str
    signed: bool
    model: str
    probs: dict[str, float]
    known: bool
    details: dict[str, Any]

    def written(self, place: int) -> str:
        """Give a word as it was written."""
        word = self.words[place]
        return self.text[word.start : word.end]

    @property
    def label(self) -> str:
        """The most probable class."""
        return max(self.probs, key=self.probs.__getitem__)

    @property
    def strengths(self) -> FloatArray:
        """Scores as shares of the strongest, from -1 to 1, ``[words]``: what a marking shows."""
        most = float(np.abs(self.scores).max(initial=0))
        return self.scores / most if most > 0 else np.zeros(len(self.scores))

    def ranked(self) -> list[int]:
        """List the words by the size of their scores, the strongest first."""
        return [int(place) for place in np.argsort(-np.abs(self.scores), kind="stable")]

    @property
    def note(self) -> str:
        """What a reader has to know before believing the scores; mostly nothing."""
        if not self.words:
            return (
                "There is no word in this text; the answer is the classes' shares in the training "
                "rows."
            )
        if not self.known:
            return (
                "Nothing in this text is known to the model; the answer is the classes' shares in "
                "the training rows, and no word has a part in it."
            )
        if not self.signed:
            return "The weights say how much a word counts, and not for which class."
        return ""

    def to_dict(self) -> dict[str, Any]:
        """Return the explanation as values that JSON can hold, numbers to six digits."""
        return {
            "text": self.text,
            "model": self.model,
            "label": self.label,
            "probs": rounded(self.probs),
            "known": self.known,
            "target": self.target,
            "method": self.method,
            "unit": self.unit,
            "signed": self.signed,
            "note": self.note,
            "words": [
                {
                    "written": self.written(place),
                    "token": word.token,
                    "start": word.start,
                    "end": word.end,
                    "score": rounded(score),
                }
                for place, (word, score) in enumerate(
                    zip(self.words, self.scores.tolist(), strict=True)
                )
            ],
            "details": rounded(self.details),
        }


def rounded(value: Any) -> Any:
    """Round all numbers in a tree to six significant digits, and turn arrays into lists."""
    if isinstance(value, np.ndarray):
        return rounded(value.tolist())
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(item) for item in value]
    if isinstance(value, float):
        return float(f"{value:.{_DIGITS}g}")
    return value
