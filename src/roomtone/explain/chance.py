"""What methods are measured against: words weighed by chance, and all words alike."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from roomtone.explain.method import Method, Weights
from roomtone.explain.words import FloatArray, IntArray, ReadText

if TYPE_CHECKING:
    from roomtone.engines import SentimentEngine


class RandomScores(Method):
    """Numbers drawn from the uniform distribution over 0 to 1; the same for the same text."""

    name = "random"
    title = "Random"
    unit = "nothing"
    signed = False

    def weigh(
        self, engine: SentimentEngine, texts: Sequence[ReadText], classes: IntArray
    ) -> list[Weights]:
        """Draw."""
        asked = classes.shape[1]
        return [
            Weights(np.tile(drawn(self.options.seed, text), (asked, 1)), ({},) * asked)
            for text in texts
        ]


class UniformScores(Method):
    """The same weight for each word; where an order is wanted, that of the text."""

    name = "uniform"
    title = "Uniform (order of the text)"
    unit = "nothing"
    signed = False

    def weigh(
        self, engine: SentimentEngine, texts: Sequence[ReadText], classes: IntArray
    ) -> list[Weights]:
        """Give each word its share."""
        asked = classes.shape[1]
        return [
            Weights(np.full((asked, len(text.words)), 1 / len(text.words)), ({},) * asked)
            for text in texts
        ]


def drawn(seed: int, text: ReadText, turn: int = 0) -> FloatArray:
    """Draw a number for each word, ``[words]``, by the seed and the text alone."""
    data = text.text.encode("utf-8", "surrogatepass")
    return np.random.default_rng([seed, turn, zlib.crc32(data)]).random(len(text.words))
