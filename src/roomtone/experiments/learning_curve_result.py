"""What a learning curve shows: scores by training rows, what each step gains, who is ahead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from roomtone.config import label_scheme
from roomtone.errors import DataError
from roomtone.experiments.json_record import Record
from roomtone.experiments.study import Study, StudyPlan
from roomtone.experiments.trial_record import TrialRecord, read_tested
from roomtone.stats import SCORES, confusion_matrix
from roomtone.stats.choosing import (
    Comparison,
    NotComparable,
    SeedPredictions,
    adjusted,
    compare,
)
from roomtone.stats.crossed import crossed_scores, percentiles

Key = tuple[str, int, int]
_NOTES = (
    "A seed decides both which rows come first and all that is random in the training: the bands "
    "hold the luck of either, and that of the test rows.",
    "The validation rows that choose the best epoch are the same for every part: of few training "
    "rows one would hold fewer out.",
)


@dataclass(frozen=True)
class Point(Record):
    """What a model reaches with a number of training rows.

    Attributes
    ----------
    model : str
    size : int
        Training rows.
    scores : list of float or None
        Of each seed; None where a run failed.
    mean, sd : float or None
        Over the seeds; the sd is None with a single one.
    low, high : float or None
        Interval of the mean, over rows and seeds.
    seconds : float
        Mean time of a run.
    """

    model: str
    size: int
    scores: list[float | None]
    mean: float | None
    sd: float | None
    low: float | None
    high: float | None
    seconds: float


@dataclass(frozen=True)
class Gain(Record):
    """What more training rows gain, on the same test rows and with the same seeds.

    Attributes
    ----------
    model : str
    fewer, more : int
        Training rows.
    difference, low, high : float
        Of the means, with its interval over rows and seeds.
    """

    model: str
    fewer: int
    more: int
    difference: float
    low: float
    high: float


@dataclass(frozen=True)
class LearningCurve(Record):
    """The result of a learning curve: ``learning_curve.json``.

    Attributes
    ----------
    plan : StudyPlan
    metric : str
        A key of `roomtone.stats.SCORES`.
    split : str
        What was measured on: ``"test"``, or ``"val"`` without test rows.
    rows : int
        How many rows that is.
    seeds : list of int
    points : list of Point
        Model after model, sizes ascending.
    gains : list of Gain
        From each size to the next.
    comparisons : list of dict
        ``size``, and what `roomtone.stats.choosing.compare` says of each model against the first,
        p-values corrected over all of them; where nothing could be tested, the models and a note.
    notes : list of str
    """

    plan: StudyPlan
    metric: str
    split: str
    rows: int
    seeds: list[int]
    points: list[Point]
    gains: list[Gain]
    comparisons: list[dict[str, Any]]
    notes: list[str]

    def of(self, model: str) -> list[Point]:
        """Return the points of a model that have a score."""
        return [p for p in self.points if p.model == model and p.mean is not None]


def analyse(study: Study, records: Mapping[Key, TrialRecord]) -> LearningCurve:
    """Put together what the runs say.

    Parameters
    ----------
    study : Study
        Theirs.
    records : mapping of (model, size, seed) to TrialRecord
        How each ended.

    Raises
    ------
    DataError
        If no run was finished.
    """
    choices = study.plan.choices
    done = [record for record in records.values() if record.done]
    if not done:
        raise DataError(f"no run was finished; the first one: {next(iter(records.values())).note}")
    tables = _Tables(study, records)
    metric, sizes = choices["metric"], choices["sizes"]
    return LearningCurve(
        study.plan,
        metric,
        done[0].split,
        len(tables.labels),
        choices["seeds"],
        [tables.point(model, size) for model in choices["models"] for size in sizes],
        [
            gain
            for model in choices["models"]
            for pair in pairwise(sizes)
            if (gain := tables.gain(model, *pair)) is not None
        ],
        tables.compared(sizes),
        list(_NOTES),
    )


class _Tables:
    """Predictions of every finished run, by model and size."""

    def __init__(self, study: Study, records: Mapping[Key, TrialRecord]) -> None:
        choices = study.plan.choices
        self.metric, self.seeds, self.models = (choices[k] for k in ("metric", "seeds", "models"))
        self.classes, self.records = label_scheme(study.base).num_classes, records
        self.labels: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self.predicted: dict[Key, NDArray[np.int64]] = {}
        for key, record in records.items():
            if record.done:
                tested = read_tested(study, record.name)
                self.labels, self.predicted[key] = tested.labels, tested.predicted

    def point(self, model: str, size: int) -> Point:
        """Score a model of one size."""
        keys = [(model, size, seed) for seed in self.seeds]
        scores = [self._score(self.predicted[k]) if k in self.predicted else None for k in keys]
        known = [score for score in scores if score is not None]
        table = self._table(model, size, self._shared((model, size)))
        interval = percentiles(self._crossed({"one": table})["one"]) if known else None
        return Point(
            model=model,
            size=size,
            scores=scores,
            mean=float(np.mean(known)) if known else None,
            sd=float(np.std(known, ddof=1)) if len(known) > 1 else None,
            low=interval.low if interval else None,
            high=interval.high if interval else None,
            seconds=float(np.mean([self.records[key].seconds for key in keys])),
        )

    def gain(self, model: str, fewer: int, more: int) -> Gain | None:
        """Compare two sizes over the seeds that both have; None where there is none."""
        seeds = self._shared((model, fewer), (model, more))
        if not seeds:
            return None
        tables = {str(size): self._table(model, size, seeds) for size in (fewer, more)}
        crossed = self._crossed(tables)
        first, second = (np.mean([self._score(row) for row in table]) for table in tables.values())
        interval = percentiles(crossed[str(more)] - crossed[str(fewer)])
        return Gain(model, fewer, more, float(second - first), interval.low, interval.high)

    def compared(self, sizes: Sequence[int]) -> list[dict[str, Any]]:
        """Test each model against the first at each size, and correct over all of it."""
        found = [(size, row) for size in sizes for row in self._pairs(size)]
        rows = iter(adjusted([row for _, row in found if isinstance(row, Comparison)]))
        return [
            {"size": size, **(next(rows).to_dict() if isinstance(row, Comparison) else row)}
            for size, row in found
        ]

    def _pairs(self, size: int) -> Sequence[Comparison | dict[str, Any]]:
        table = {
            model: {seed: self.predicted[model, size, seed] for seed in seeds}
            for model in self.models
            if (seeds := self._shared((model, size)))
        }
        if len(table) < 2 or self.models[0] not in table:
            return []
        evidence = SeedPredictions(self.labels, table, self.classes, self.metric)
        try:
            return compare(evidence, reference=self.models[0], correct=False)
        except NotComparable as error:
            pair = {"reference": self.models[0], "p_value": None, "note": str(error)}
            return [{"model": model, **pair} for model in table if model != self.models[0]]

    def _shared(self, *wanted: tuple[str, int]) -> list[int]:
        return [s for s in self.seeds if all((*pair, s) in self.predicted for pair in wanted)]

    def _table(self, model: str, size: int, seeds: list[int]) -> NDArray[np.int64]:
        rows = [self.predicted[model, size, seed] for seed in seeds]
        return np.stack(rows) if rows else np.empty((0, 0), dtype=np.int64)

    def _crossed(self, tables: dict[str, NDArray[np.int64]]) -> dict[str, NDArray[np.float64]]:
        return crossed_scores(self.labels, tables, self.classes, self.metric)

    def _score(self, predicted: NDArray[np.int64]) -> float:
        return float(SCORES[self.metric](confusion_matrix(self.labels, predicted, self.classes)))
