"""Leave-one-out: what the answer loses when a word is taken away. Works for every engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from roomtone.explain.hybrid import network_of
from roomtone.explain.method import Method, Weights
from roomtone.explain.words import FloatArray, IntArray, ReadText

if TYPE_CHECKING:
    from roomtone.engines import SentimentEngine

_TEXTS = 4096  # scored at once, of at most so many characters together
_CHARACTERS = 4_000_000


class LeaveOneOut(Method):
    """The probability of a class, less what it is when the word is left out.

    As in Li, Monroe & Jurafsky (2016), "Understanding Neural Networks through Representation
    Erasure", with differences of probabilities.
    """

    name = "leave_one_out"
    title = "Leave-one-out"
    unit = "probability"

    def weigh(
        self, engine: SentimentEngine, texts: Sequence[ReadText], classes: IntArray
    ) -> list[Weights]:
        """Score each text whole, and without each of its words."""
        read = [_words_read(engine, text) for text in texts]
        whole = engine.predict_proba([text.text for text in texts])
        rest = predict_many(
            engine,
            (
                text.without([place])
                for text, count in zip(texts, read, strict=True)
                for place in range(count)
            ),
        )
        found, first = [], 0
        for row, (text, count) in enumerate(zip(texts, read, strict=True)):
            lost = whole[row] - rest[first : first + count]  # [words read, all classes]
            scores = np.zeros((classes.shape[1], len(text.words)))
            scores[:, :count] = lost[:, classes[row]].T
            found.append(Weights(scores, tuple({} for _ in scores)))
            first += count
        return found


def predict_many(engine: SentimentEngine, texts: Iterator[str]) -> FloatArray:
    """Score texts a few thousand at a time, each distinct one once, ``[texts, classes]``."""
    parts = [np.empty((0, len(engine.class_names)))]
    chunk: list[str] = []
    length = 0
    for text in texts:
        if chunk and (len(chunk) == _TEXTS or length + len(text) > _CHARACTERS):
            parts.append(_predict(engine, chunk))
            chunk, length = [], 0
        chunk.append(text)
        length += len(text)
    return np.concatenate([*parts, _predict(engine, chunk)])


def _predict(engine: SentimentEngine, texts: list[str]) -> FloatArray:
    place: dict[str, int] = {}
    rows = [place.setdefault(text, len(place)) for text in texts]
    return engine.predict_proba(list(place))[rows] if rows else engine.predict_proba([])


def _words_read(engine: SentimentEngine, text: ReadText) -> int:
    """Count the words that an engine reads; what comes after them changes nothing."""
    longest = longest_read(engine)
    if longest is None or len(text.of_token) <= longest:
        return len(text.words)
    return int(text.of_token[longest - 1]) + 1


def longest_read(engine: SentimentEngine) -> int | None:
    """Tell after how many tokens an engine cuts a text, None if it does not."""
    if engine.kind == "hybrid":
        return network_of(engine).config.max_len
    return getattr(engine, "max_len", None)  # as the ONNX engine calls it
