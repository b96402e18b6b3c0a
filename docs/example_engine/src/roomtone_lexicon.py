"""An engine that adds up the weights of the words it knows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np

from roomtone import SentimentEngine
from roomtone.engines import RawScores, SavedFolder

WORDS = {"good": 1.0, "great": 2.0, "bad": -1.0, "awful": -2.0}


class LexiconEngine(SentimentEngine):
    """Positive and negative words against each other; `words` holds the weight of each."""

    kind = "lexicon"

    def __init__(
        self, words: Mapping[str, float] = WORDS, *, name: str = "lexicon", **common: Any
    ) -> None:
        super().__init__(name, **{"class_names": ("negative", "neutral", "positive"), **common})
        self.words = dict(words)

    def raw(self, texts: Sequence[str]) -> RawScores:
        """Score each text by the sum of its words' weights."""
        found = [[self.words[w] for w in text.lower().split() if w in self.words] for text in texts]
        sums = np.array([sum(weights) for weights in found])
        scores = np.column_stack([-sums, np.zeros(len(sums)), sums])
        return RawScores(scores, np.array([bool(weights) for weights in found]))

    def files(self) -> dict[str, bytes]:
        """Return the one file that it is saved as."""
        return {"words.json": json.dumps(self.words).encode()}

    @classmethod
    def from_folder(cls, folder: SavedFolder) -> Self:
        """Rebuild it; the folder has checked the hash of each file that it reads."""
        words = folder.json("words.json")
        if not isinstance(words, dict) or not all(isinstance(w, float) for w in words.values()):
            raise folder.error("words.json must hold a weight for each word")
        return cls(words, **folder.common())
