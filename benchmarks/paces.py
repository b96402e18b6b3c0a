"""How fast ways to score texts are: they take turns, over as many texts as fit into a moment."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from servings import Serving

WARM_UP, LEAST = 32, 16


@dataclass(frozen=True)
class Pace:
    """What one way of scoring reached.

    Attributes
    ----------
    model, way : str
        As of the serving.
    threads, texts : int
        What it may use; texts of a round.
    rates : list of float
        Texts a second in each round, tokenising included.
    milliseconds : dict of str to float or None
        ``"median"`` and ``"p95"`` of single texts, where they were taken one at a time.
    """

    model: str
    way: str
    threads: int
    texts: int
    rates: list[float]
    milliseconds: dict[str, float] | None

    @property
    def best(self) -> float:
        """Texts a second in the best round."""
        return max(self.rates)

    @property
    def median(self) -> float:
        """Texts a second in the median round."""
        return statistics.median(self.rates)

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as values that JSON can hold."""
        return {**asdict(self), "best": self.best, "median": self.median}


def take_turns(
    servings: Sequence[Serving],
    texts: Sequence[str],
    *,
    rounds: int,
    seconds: float,
    say: Callable[[str], object],
) -> list[Pace]:
    """Let every serving score in every round, slow ones fewer of the texts.

    Parameters
    ----------
    servings : sequence of Serving
        What to compare.
    texts : sequence of str
        The same for all, in the same order.
    rounds : int
        Turns of each.
    seconds : float
        What a turn may take, about.
    say : callable
        Gets a line after each round.
    """
    counts = [_count(serving, texts, seconds) for serving in servings]
    rates: list[list[float]] = [[] for _ in servings]
    singles: list[list[float]] = [[] for _ in servings]
    for number in range(rounds):
        for serving, count, found, each in zip(servings, counts, rates, singles, strict=True):
            began = time.perf_counter()
            if serving.alone:
                for text in texts[:count]:
                    start = time.perf_counter()
                    serving.score([text])
                    each.append(time.perf_counter() - start)
            else:
                serving.score(texts[:count])
            found.append(count / (time.perf_counter() - began))
        say(f"  round {number + 1} of {rounds}")
    return [
        Pace(s.model, s.way, s.threads, count, found, _quantiles(each) if s.alone else None)
        for s, count, found, each in zip(servings, counts, rates, singles, strict=True)
    ]


def _count(serving: Serving, texts: Sequence[str], seconds: float) -> int:
    serving.score(texts[:WARM_UP])
    began = time.perf_counter()
    serving.score(texts[: 4 * WARM_UP])
    rate = len(texts[: 4 * WARM_UP]) / (time.perf_counter() - began)
    # The first texts of a batch are slower than many: what is in doubt scores them all.
    wanted = seconds * rate * (1 if serving.alone else 8)
    return min(len(texts), max(LEAST, int(wanted)))


def _quantiles(seconds: Sequence[float]) -> dict[str, float]:
    median, high = 1000 * np.quantile(seconds, [0.5, 0.95])
    return {"median": float(median), "p95": float(high)}
