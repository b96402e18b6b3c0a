"""Made-up corpora of any size, with the word frequencies of a real one or of Zipf's law."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import numpy as np

from roomtone.data.tables import read_labelled
from roomtone.labels import SENTIMENT, LabelScheme

ZIPF_WORDS, ZIPF_LENGTH = 50_000, 20
NEW_WORDS = 0.02  # share of tokens never seen before: text goes on bringing new ones (Heaps)
REPEATED = 0.01  # share of rows that repeat an earlier one
CHUNK = 20_000
SEED = 42


class Source:
    """Words and text lengths to draw from.

    Parameters
    ----------
    path : Path, optional
        A CSV file whose words, split at blanks, are resampled; else Zipf's law over invented ones.
    """

    def __init__(self, path: Path | None) -> None:
        if path is None:
            self.words = np.array([f"word{rank}" for rank in range(ZIPF_WORDS)], dtype=object)
            weights = 1 / np.arange(1, ZIPF_WORDS + 1)
            self.lengths = np.arange(1, 2 * ZIPF_LENGTH)
        else:
            texts = read_labelled(path, labels=LabelScheme()).texts
            counts = Counter(word for text in texts for word in text.split())
            self.words = np.array(list(counts), dtype=object)
            weights = np.array(list(counts.values()), dtype=float)
            self.lengths = np.array([len(text.split()) for text in texts])
        self.cumulative = np.cumsum(weights / weights.sum())

    def texts(self, count: int, rng: np.random.Generator) -> list[str]:
        """Draw texts."""
        lengths = rng.choice(self.lengths, size=count)
        total = int(lengths.sum())
        # By the cumulative weights, which is many times faster than `choice` with weights.
        drawn = np.searchsorted(self.cumulative, rng.random(total)).clip(max=len(self.words) - 1)
        tokens = self.words[drawn]
        new = np.flatnonzero(rng.random(total) < NEW_WORDS)
        tokens[new] = [f"new{number:x}" for number in rng.integers(1 << 40, size=len(new))]
        ends = np.cumsum(lengths)
        return [" ".join(tokens[end - n : end]) for end, n in zip(ends, lengths, strict=True)]


def write_corpus(path: Path, rows: int, source: Source) -> None:
    """Write a CSV file of so many labelled texts; equal arguments give equal bytes."""
    rng = np.random.default_rng([SEED, rows])
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["text", "label"])
        for start in range(0, rows, CHUNK):
            size = min(CHUNK, rows - start)
            texts = source.texts(size, rng)
            for row in np.flatnonzero(rng.random(size) < REPEATED):
                texts[row] = texts[0]
            labels = rng.choice(SENTIMENT, size=size)
            table.writerows(zip(texts, labels.tolist(), strict=True))
