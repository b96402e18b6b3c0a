"""Whether attention is the same in another training run: its variance over seeds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from roomtone.errors import DataError
from roomtone.explain.chance import drawn
from roomtone.explain.explaining import make_method
from roomtone.explain.explanation import rounded
from roomtone.explain.measured import NotMeasurableError
from roomtone.explain.method import Options
from roomtone.explain.runs import check_runs
from roomtone.explain.words import FloatArray, ReadText, read_all
from roomtone.stats.paired import Difference, mean_gain

if TYPE_CHECKING:
    from roomtone.engines import SentimentEngine

TEXTS = 64
LEAST_WORDS = 2
_DIGITS = 6  # of a weight: what differs beyond is rounding, and no order


@dataclass(frozen=True)
class SeedVariance:
    """How alike the attention of several training runs is, and how alike it would be by chance.

    Attributes
    ----------
    runs, texts : int
        Runs that were compared in pairs, and texts with two words or more.
    divergence, random_divergence : float
        Mean Jensen-Shannon divergence of two runs' weights in bits, 0 to 1 (0 is the same); and
        the same where the words of each run's weights are shuffled.
    tau, random_tau : float
        Mean Kendall's tau-b of two runs' orders of words, -1 to 1 (1 is the same); and shuffled.
    closer : Difference
        By how much the divergence is below that of shuffled weights, paired over texts.
    more_alike : Difference
        By how much tau is above that of shuffled weights, paired over texts.
    """

    runs: int
    texts: int
    divergence: float
    random_divergence: float
    tau: float
    random_tau: float
    closer: Difference
    more_alike: Difference

    @property
    def verdict(self) -> str:
        """Say it in a sentence."""
        figures = (
            f"Jensen-Shannon divergence {self.divergence:.3f} bits, {self.random_divergence:.3f} "
            f"shuffled; Kendall's tau {self.tau:.2f}, {self.random_tau:.2f} shuffled"
        )
        if self.closer.low > 0 and self.more_alike.low > 0:
            return f"Attention of {self.runs} runs agrees more than chance does ({figures})."
        return (
            f"Attention of {self.runs} runs that differ in their seed agrees no more than random "
            f"weights do ({figures}): it is no property of the texts."
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the result as values that JSON can hold, numbers to six digits."""
        content = asdict(self) | {"verdict": self.verdict}
        content["closer"], content["more_alike"] = self.closer.to_dict(), self.more_alike.to_dict()
        result: dict[str, Any] = rounded(content)
        return result


def seed_variance(
    engines: Sequence[SentimentEngine],
    texts: Sequence[str],
    *,
    seed: int = 42,
    watch: Callable[[int], None] = lambda done: None,
) -> SeedVariance:
    """Compare the attention of several runs of the same configuration.

    Parameters
    ----------
    engines : sequence of SentimentEngine
        Hybrid networks, two or more, of one configuration with different seeds.
    texts : sequence of str
        Comments as they were written.
    seed : int
        Of the shuffling and of the intervals.
    watch : callable
        Called with the number of texts done.

    Raises
    ------
    RoomtoneError
        If an engine is no hybrid network.
    DataError
        If there are fewer than two, or two are the same or differ in more than their seed.
    NotMeasurableError
        If no text has two words.
    """
    if len(engines) < 2:
        raise DataError(f"seed variance: expected two runs or more, found {len(engines)}")
    ways = [make_method(engine, "attention", Options()) for engine in engines]
    check_runs(engines)
    rows: list[FloatArray] = []
    for first in range(0, len(texts), TEXTS):
        read = [
            text
            for text in read_all(texts[first : first + TEXTS])
            if len(text.words) >= LEAST_WORDS
        ]
        nothing = np.zeros((len(read), 1), dtype=np.int64)
        weights = [
            [found.scores[0] for found in way.weigh(engine, read, nothing)]
            for way, engine in zip(ways, engines, strict=True)
        ]
        rows += [
            _compare(text, np.stack(own).round(_DIGITS), seed)
            for text, own in zip(read, zip(*weights, strict=True), strict=True)
        ]
        watch(min(first + TEXTS, len(texts)))
    if not rows:
        raise NotMeasurableError("seed variance: no text has two words")
    table = np.stack(rows)  # [texts, 4]
    means = table.mean(axis=0).tolist()
    return SeedVariance(
        runs=len(engines),
        texts=len(table),
        divergence=means[0],
        random_divergence=means[1],
        tau=means[2],
        random_tau=means[3],
        closer=mean_gain(table[:, 0], table[:, 1], seed=seed),
        more_alike=mean_gain(-table[:, 2], -table[:, 3], seed=seed),
    )


def _compare(text: ReadText, weights: FloatArray, seed: int) -> FloatArray:
    """Compare all pairs of ``[runs, words]``: divergence, shuffled; tau, shuffled."""
    mixed = np.stack([row[np.argsort(drawn(seed, text, turn))] for turn, row in enumerate(weights)])
    pairs = list(combinations(range(len(weights)), 2))
    return np.array(
        [
            np.mean([compare(of[a], of[b]) for a, b in pairs])
            for compare in (jensen_shannon, kendall_tau)
            for of in (weights, mixed)
        ]
    )


def jensen_shannon(first: FloatArray, second: FloatArray) -> float:
    """Compute the divergence of two distributions, ``[words]``, in bits (Lin 1991)."""
    pair = np.stack([first, second])
    pair /= pair.sum(axis=1, keepdims=True)
    middle = pair.mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(pair > 0, pair * np.log2(pair / middle), 0)
    return float(np.clip(terms.sum() / 2, 0, 1))


def kendall_tau(first: FloatArray, second: FloatArray) -> float:
    """Compute Kendall's tau-b of two orders, ``[words]``; 0 where one of them has no order."""
    above = np.triu_indices(len(first), 1)
    signs = [np.sign(values[above[0]] - values[above[1]]) for values in (first, second)]
    pairs = [np.count_nonzero(sign) for sign in signs]
    if not all(pairs):
        return 0.0
    return float(signs[0] @ signs[1] / np.sqrt(float(pairs[0]) * pairs[1]))
