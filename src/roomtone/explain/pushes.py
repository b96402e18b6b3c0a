"""What a word does on average in the texts that hold it, with intervals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from roomtone.explain.words import FloatArray, ReadText

LONGEST = 3  # words of an n-gram
LEVEL = 0.95


@dataclass(frozen=True)
class Push:
    """How much a word or n-gram pushes to a class, on average.

    Attributes
    ----------
    words : str
        The tokens, joined by blanks.
    size : int
        How many they are.
    target : str
        The class.
    texts : int
        Texts that hold it. Within a text its scores are averaged; that of an n-gram is the sum of
        its words'.
    mean, low, high : float
        The mean over these texts, with its 95 % interval by Student's t. One interval for each
        word, not corrected for how many there are.
    """

    words: str
    size: int
    target: str
    texts: int
    mean: float
    low: float
    high: float

    def to_dict(self) -> dict[str, Any]:
        """Return it as values that JSON can hold."""
        return asdict(self)


class PushTable:
    """Collects scores text by text; keeps sums alone.

    Parameters
    ----------
    class_names : sequence of str
        The classes.
    """

    def __init__(self, class_names: Sequence[str]) -> None:
        self._classes = tuple(class_names)
        self._sums: dict[tuple[str, ...], FloatArray] = {}

    def add(self, text: ReadText, scores: FloatArray) -> None:
        """Add the scores of a text, ``[classes, words]``."""
        tokens = [word.token for word in text.words]
        sums = np.concatenate([np.zeros((len(scores), 1)), np.cumsum(scores, axis=1)], axis=1)
        found: defaultdict[tuple[str, ...], list[FloatArray]] = defaultdict(list)
        for size in range(1, LONGEST + 1):
            gains = sums[:, size:] - sums[:, :-size]  # [classes, windows]
            for first in range(len(tokens) - size + 1):
                found[tuple(tokens[first : first + size])].append(gains[:, first])
        for words, own in found.items():
            mean = np.mean(own, axis=0)
            entry = np.stack([np.ones_like(mean), mean, mean * mean])  # [3, classes]
            before = self._sums.get(words)
            self._sums[words] = entry if before is None else before + entry

    def listed(self, least: int) -> tuple[Push, ...]:
        """List all that stand in so many texts, for each class by the lower end of the interval."""
        kept = {words: s for words, s in self._sums.items() if s[0, 0] >= max(least, 2)}
        if not kept:
            return ()
        sums = np.stack(list(kept.values()))  # [words, 3, classes]
        count = sums[:, 0]
        mean = sums[:, 1] / count
        spread = np.maximum(sums[:, 2] - count * mean**2, 0) / (count - 1)
        from scipy.stats import t

        reach = t.ppf((1 + LEVEL) / 2, count - 1) * np.sqrt(spread / count)
        low, high = mean - reach, mean + reach
        names = list(kept)
        found = []
        for code, target in enumerate(self._classes):
            order = sorted(range(len(names)), key=lambda at: (-low[at, code], names[at]))
            found += [
                Push(
                    " ".join(names[at]),
                    len(names[at]),
                    target,
                    int(count[at, code]),
                    float(mean[at, code]),
                    float(low[at, code]),
                    float(high[at, code]),
                )
                for at in order
                if mean[at, code] > 0
            ]
        return tuple(found)
