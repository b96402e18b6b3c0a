"""Whether to believe explanations: what happens to the answer without the words they name.

Comprehensiveness and sufficiency after DeYoung et al. (2020), "ERASER: A Benchmark to Evaluate
Rationalized NLP Models", section 4: the probability of the predicted class, less what it is when
the words that weigh most are taken away, and when nothing else is left. Both are averaged over
several shares of the words (AOPC, the area over the perturbation curve).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from roomtone.explain.chance import drawn
from roomtone.explain.explaining import CHANCE, admitted, make_method, method_class, weigh
from roomtone.explain.leaving_out import predict_many
from roomtone.explain.measured import Advantage, Curve, Faithfulness, NotMeasurableError
from roomtone.explain.method import Options
from roomtone.explain.verdicts import verdict
from roomtone.explain.words import FloatArray, IntArray, ReadText, read_all
from roomtone.stats.paired import mean_gain

if TYPE_CHECKING:
    from roomtone.engines import SentimentEngine

SHARES = (0.01, 0.05, 0.1, 0.2, 0.5)
"""Of the words of a text that are taken away or kept, rounded up; those of the paper."""

ORDERS = 5
"""Random orders for each text, whose mean is what chance gives."""

LEAST_WORDS = 2
TEXTS = 64  # measured at once


def measure(
    engine: SentimentEngine,
    texts: Sequence[str],
    methods: Sequence[str] | None = None,
    seed: int = 42,
    *,
    options: Options | None = None,
    watch: Callable[[int], None] = lambda done: None,
) -> Faithfulness:
    """Measure comprehensiveness and sufficiency of explanations, and compare them with chance.

    What is explained is the most probable class of each text. Words are taken away as in
    leave-one-out: a blank stands in their place. The order of words is that of their scores,
    equal ones in the order of the text.

    Parameters
    ----------
    engine : SentimentEngine
        Any engine.
    texts : sequence of str
        Comments as they were written; labels are not needed.
    methods : sequence of str, optional
        Keys of `METHODS`; all that the engine admits where not given.
    seed : int
        Of the random orders and the intervals.
    options : Options, optional
        Choices that methods have; their seed is not used.
    watch : callable
        Called with the number of texts done.

    Raises
    ------
    RoomtoneError
        If a method is unknown, or cannot explain this engine.
    NotMeasurableError
        If no text has two words and something known.
    """
    names = [name for name in methods or admitted(engine) if name not in CHANCE]
    ways = [make_method(engine, name, options or Options()) for name in dict.fromkeys(names)]
    columns = [*(way.name for way in ways), *CHANCE]
    lost: list[FloatArray] = []  # each [texts, methods, 2, shares]
    for first in range(0, len(texts), TEXTS):
        read = read_all(texts[first : first + TEXTS])
        probs, known = engine.scores([text.text for text in read])
        rows = [r for r, t in enumerate(read) if known[r] and len(t.words) >= LEAST_WORDS]
        if rows:
            usable, best = [read[row] for row in rows], probs.argmax(axis=1)[rows]
            weights = [
                [w.scores[0] for w in weigh(engine, way, usable, known[rows], best[:, None])]
                for way in ways
            ]
            orders = [
                _orders(text, [scores[at] for scores in weights], seed)
                for at, text in enumerate(usable)
            ]
            lost.append(_lost(engine, usable, orders, probs[rows, best], best))
        watch(min(first + TEXTS, len(texts)))
    if not lost:
        raise NotMeasurableError(
            f"faithfulness: none of {len(texts):,} texts has {LEAST_WORDS} words and something "
            "known to the model; give texts like those that it was trained on"
        )
    every = np.concatenate(lost)
    return _result(engine, every, len(texts), columns, seed)


def _lost(
    engine: SentimentEngine,
    texts: Sequence[ReadText],
    orders: Sequence[Sequence[IntArray]],
    probs: FloatArray,
    classes: IntArray,
) -> FloatArray:
    """Compute what the probabilities lose, ``[texts, methods and chance, 2, shares]``."""
    variants = (
        variant
        for text, ways in zip(texts, orders, strict=True)
        for order in ways
        for variant in _variants(text, order)
    )
    found = predict_many(engine, variants)
    shape = (len(texts), len(orders[0]), 2, len(SHARES))
    rows = np.repeat(classes, math.prod(shape[1:]))
    left = found[np.arange(len(found)), rows].reshape(shape)
    lost = probs[:, None, None, None] - left
    # Last come the random orders, and then that of the text.
    own, random, uniform = np.split(lost, [-ORDERS - 1, -1], axis=1)
    return np.concatenate([own, random.mean(axis=1, keepdims=True), uniform], axis=1)


def _orders(text: ReadText, weights: Sequence[FloatArray], seed: int) -> list[IntArray]:
    """Order the words by each method, then by chance, then as they stand."""
    by_chance = (drawn(seed, text, turn) for turn in range(ORDERS))
    return [*map(_order, weights), *map(_order, by_chance), np.arange(len(text.words))]


def _order(scores: FloatArray) -> IntArray:
    return np.argsort(-scores, kind="stable")


def _variants(text: ReadText, order: NDArray[np.int64]) -> Iterator[str]:
    """Give the text without its first words by an order, for each share, then with them alone."""
    counts = [math.ceil(share * len(order)) for share in SHARES]
    yield from (text.without(order[:count].tolist()) for count in counts)
    yield from (text.without(order[count:].tolist()) for count in counts)


def _result(
    engine: SentimentEngine, lost: FloatArray, given: int, columns: Sequence[str], seed: int
) -> Faithfulness:
    means, areas = lost.mean(axis=0), lost.mean(axis=3)  # areas [texts, methods, 2]
    curves = tuple(
        Curve(
            name,
            method_class(name).title,
            tuple(means[at, 0].tolist()),
            tuple(means[at, 1].tolist()),
            float(areas[:, at, 0].mean()),
            float(areas[:, at, 1].mean()),
        )
        for at, name in enumerate(columns)
    )
    advantages = tuple(
        Advantage(
            name,
            other,
            # Losses: of comprehensiveness more is better, of sufficiency less.
            mean_gain(-areas[:, at, 0], -areas[:, columns.index(other), 0], seed=seed),
            mean_gain(areas[:, at, 1], areas[:, columns.index(other), 1], seed=seed),
        )
        for at, name in enumerate(columns)
        for other in CHANCE
        if name not in CHANCE
    )
    titles = {curve.method: curve.title for curve in curves}
    verdicts = {
        each.method: verdict(titles[each.method], each.comprehensiveness, each.sufficiency)
        for each in advantages
        if each.over == "random"
    }
    return Faithfulness(
        engine.name,
        len(lost),
        given - len(lost),
        SHARES,
        ORDERS,
        seed,
        curves,
        advantages,
        verdicts,
    )
