"""Invented rows, for what depends on how much there is and not on what it says."""

from __future__ import annotations

import numpy as np
from rows import Rows

WORDS, ZIPF = 30_000, 1.0
MEAN_LENGTH, SPREAD, LONGEST = 24, 0.6, 200


def invented_rows(count: int, seed: int) -> Rows:
    """Invent texts whose words follow Zipf's law and whose lengths are log-normal."""
    rng = np.random.default_rng(seed)
    share = 1 / np.arange(1, WORDS + 1) ** ZIPF
    # The mean of a log-normal distribution lies above its median by half the variance.
    drawn = rng.lognormal(np.log(MEAN_LENGTH) - SPREAD**2 / 2, SPREAD, count)
    lengths = np.clip(np.round(drawn), 1, LONGEST).astype(int)
    words = rng.choice(WORDS, lengths.sum(), p=share / share.sum())
    texts = np.split(words, np.cumsum(lengths)[:-1])
    labels = rng.integers(0, 3, count).tolist()
    return Rows([" ".join(f"w{word}" for word in text) for text in texts], labels)
