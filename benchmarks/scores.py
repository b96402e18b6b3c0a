"""Scores of the candidates on validation and test rows, with intervals and paired differences."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import torch
from candidates import BASELINE, Candidate
from numpy.typing import ArrayLike, NDArray
from rows import Rows

from roomtone.stats import SCORES, Interval, bootstrap_interval, classification_metrics

METRICS = ("f1_macro", "recall_macro", "accuracy")
LEVEL, RESAMPLES = 0.95, 10_000


@dataclass(frozen=True)
class Scored:
    """A candidate's figures.

    Attributes
    ----------
    name, kind, note : str
        As of the candidate.
    val, test : dict of str to float
        Macro-F1, macro recall and accuracy.
    intervals : dict of str to dict
        95% bootstrap intervals of the test scores.
    difference : dict or None
        Test macro-F1 less that of the best baseline, and its paired interval; None for itself.
    training_minutes, texts_per_second, megabytes : float
        Fitting; predicting raw texts on one core; on disk.
    history : dict or None
        Scores after each epoch.
    """

    name: str
    kind: str
    note: str
    val: dict[str, float]
    test: dict[str, float]
    intervals: dict[str, dict[str, Any]]
    difference: dict[str, Any] | None
    training_minutes: float
    texts_per_second: float
    megabytes: float
    history: dict[str, list[float]] | None = field(default=None)

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as values that JSON can hold."""
        return asdict(self)


def score_all(
    candidates: list[Candidate], val: Rows, test: Rows, num_classes: int, *, seed: int
) -> tuple[list[Scored], str]:
    """Score every candidate; also name the baseline that is the best on the validation rows."""
    on_val = {c.name: _scores(val, c.predict(val.texts).classes, num_classes) for c in candidates}
    best = max(
        (c for c in candidates if c.kind == BASELINE), key=lambda c: on_val[c.name]["f1_macro"]
    )
    classes, speeds = {}, {}
    for candidate in candidates:
        classes[candidate.name], speeds[candidate.name] = _predict_on_one_core(candidate, test)
    scored = [
        Scored(
            c.name,
            c.kind,
            c.note,
            on_val[c.name],
            _scores(test, classes[c.name], num_classes),
            {m: _interval(test, classes[c.name], num_classes, m, seed) for m in METRICS},
            None
            if c is best
            else paired_difference(
                test.labels, classes[c.name], classes[best.name], num_classes, seed=seed
            ),
            c.training_seconds / 60,
            speeds[c.name],
            c.size / 1e6,
            c.history,
        )
        for c in candidates
    ]
    return scored, best.name


def paired_difference(
    truth: ArrayLike,
    first: ArrayLike,
    second: ArrayLike,
    num_classes: int,
    *,
    metric: str = "f1_macro",
    seed: int = 42,
) -> dict[str, Any]:
    """Score of the first model less that of the second, with its paired percentile interval.

    Rows are drawn with replacement, both models' predictions of a row together (Efron & Tibshirani
    1993, section 8.3). Both scores depend on the counts of (truth, first, second) alone, so that
    drawing those cells from a multinomial is the same.

    Returns
    -------
    dict
        ``"value"``, and ``"low"``, ``"high"``, ``"level"``, ``"method"`` of the interval.
    """
    score = SCORES[metric]
    shape = (num_classes,) * 3
    triples = [np.asarray(codes, dtype=np.int64) for codes in (truth, first, second)]
    cells = np.bincount(np.ravel_multi_index(triples, shape), minlength=num_classes**3)

    def difference(counts: NDArray[np.int64]) -> NDArray[np.float64]:
        table = counts.reshape(-1, *shape)  # [resamples, truth, first, second]
        return np.asarray(score(table.sum(axis=3)) - score(table.sum(axis=2)))

    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(cells.sum(), cells / cells.sum(), size=RESAMPLES)
    low, high = np.quantile(difference(drawn), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    interval = Interval(float(low), float(high), LEVEL, "paired percentile")
    return {"value": float(difference(cells)[0]), **interval.to_dict()}


def _scores(rows: Rows, classes: NDArray[np.int64], num_classes: int) -> dict[str, float]:
    found = classification_metrics(rows.labels, classes, num_classes)
    return {metric: float(getattr(found, metric)) for metric in METRICS}


def _interval(
    rows: Rows, classes: NDArray[np.int64], num_classes: int, metric: str, seed: int
) -> dict[str, Any]:
    return bootstrap_interval(rows.labels, classes, num_classes, metric, seed=seed).to_dict()


def _predict_on_one_core(candidate: Candidate, rows: Rows) -> tuple[NDArray[np.int64], float]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        began = time.perf_counter()
        classes = candidate.predict(rows.texts).classes
        return classes, len(rows) / (time.perf_counter() - began)
    finally:
        torch.set_num_threads(threads)
