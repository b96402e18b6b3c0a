"""What an ablation shows: each variant's score, and its difference from the full model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from roomtone.config import label_scheme
from roomtone.errors import TrainingError
from roomtone.experiments.ablations import ABLATIONS, FULL
from roomtone.experiments.json_record import Record
from roomtone.experiments.study import Study, StudyPlan
from roomtone.experiments.trial_record import TrialRecord, read_tested
from roomtone.stats import SCORES, confusion_matrix
from roomtone.stats.choosing import FoldScores, NotComparable, SeedPredictions, compare
from roomtone.stats.crossed import crossed_scores, percentiles

_NOTES = (
    "Each variant is trained with the settings of the full model; one that is tuned for itself "
    "could do better.",
    "A variant that lacks a part is of another size, mostly smaller, and a difference may be due "
    "to that.",
)


@dataclass(frozen=True)
class Variant(Record):
    """What a model is worth without one thing.

    Attributes
    ----------
    name, title : str
        As in `ABLATIONS`; the model itself is ``"full"``.
    settings : dict
        The keys in which it differs from the full model.
    parameters, trainable_parameters : int or None
        Numbers in the network of the first run; None where no run was finished.
    scores : list of list of float or None
        For each seed the score of each fold (or of the one test set); None where a run failed.
    mean, sd : float or None
        Over the seeds of the score on all test rows; the sd is None with a single seed.
    low, high : float or None
        Interval of the mean, over rows and seeds.
    difference, difference_low, difference_high : float or None
        Of the mean from that of the full model, on the same rows and seeds; where the comparison
        is of these, its interval.
    comparison : dict or None
        What `roomtone.stats.choosing.compare` says of it against the full model.
    seconds : float
        Mean time of a run.
    failures : list of str
        Why runs have failed.
    """

    name: str
    title: str
    settings: dict[str, Any]
    parameters: int | None
    trainable_parameters: int | None
    scores: list[list[float | None]]
    mean: float | None
    sd: float | None
    low: float | None
    high: float | None
    difference: float | None
    difference_low: float | None
    difference_high: float | None
    comparison: dict[str, Any] | None
    seconds: float
    failures: list[str]


@dataclass(frozen=True)
class AblationResult(Record):
    """The result of an ablation: ``ablation.json``.

    Attributes
    ----------
    plan : StudyPlan
    metric : str
        A key of `roomtone.stats.SCORES`.
    split : str
        What was measured on: ``"test"``, ``"val"``, or ``"folds"`` of both other files.
    rows : int
        How many rows were measured on.
    seeds : list of int
    folds : int or None
    variants : list of Variant
        The full model first.
    decision : list of str
        Which test was chosen, and why.
    notes : list of str
        What a reader has to know.
    """

    plan: StudyPlan
    metric: str
    split: str
    rows: int
    seeds: list[int]
    folds: int | None
    variants: list[Variant]
    decision: list[str]
    notes: list[str]


def trial_name(variant: str, seed: int, fold: int | None) -> str:
    """Name a run of an ablation."""
    return f"{variant}-s{seed}" if fold is None else f"{variant}-f{fold}-s{seed}"


class Analysis:
    """From the records of the runs to what they say of the variants."""

    def __init__(
        self,
        study: Study,
        records: Mapping[str, TrialRecord],
        rows: list[NDArray[np.int64]] | None,
    ) -> None:
        self.study, self.records, self.rows = study, records, rows
        choices = study.plan.choices
        self.metric, self.seeds = choices["metric"], choices["seeds"]
        self.names, self.folds = list(choices["variants"]), choices["folds"]
        self.classes = len(label_scheme(study.base).names)
        self.labels: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self.predicted = {name: self._predicted(name) for name in self.names}

    def result(self) -> AblationResult:
        """Put it all together."""
        if not self.predicted[FULL]:
            (first, *_) = self._of(FULL)
            raise TrainingError(f"no run of the full model was finished: {first.note}")
        compared = self._compared()
        return AblationResult(
            self.study.plan,
            self.metric,
            "folds" if self.folds else next(r.split for r in self._of(FULL) if r.done),
            len(self.labels),
            self.seeds,
            self.folds,
            [self._variant(name, compared.get(name)) for name in self.names],
            next((found["decision"] for found in compared.values()), []),
            [*_NOTES, *self._seed_note()],
        )

    def _of(self, name: str, seed: int | None = None) -> list[TrialRecord]:
        seeds = self.seeds if seed is None else [seed]
        folds = range(self.folds) if self.folds else [None]
        return [self.records[trial_name(name, s, fold)] for s in seeds for fold in folds]

    def _predicted(self, name: str) -> dict[int, NDArray[np.int64]]:
        """For each seed whose runs have all ended well, the prediction of each test row."""
        found = {}
        for seed in self.seeds:
            records = self._of(name, seed)
            if not all(record.done for record in records):
                continue
            tested = [read_tested(self.study, record.name) for record in records]
            places = self.rows or [np.arange(len(tested[0].labels))]
            count = sum(map(len, places))
            labels, predicted = np.empty(count, np.int64), np.empty(count, np.int64)
            for place, part in zip(places, tested, strict=True):
                labels[place], predicted[place] = part.labels, part.predicted
            self.labels, found[seed] = labels, predicted
        return found

    def _variant(self, name: str, comparison: dict[str, Any] | None) -> Variant:
        records = self._of(name)
        done = [record for record in records if record.done]
        predicted = self.predicted[name]
        means = [self._score(row) for row in predicted.values()]
        crossed, base = self._crossed(name)
        interval = percentiles(crossed[name]) if crossed else None
        gap = percentiles(crossed[name] - crossed[FULL]) if crossed and name != FULL else None
        if gap and comparison and comparison.get("interval") == "seeds_and_rows":
            gap = replace(gap, low=comparison["low"], high=comparison["high"])
        shared = [self._score(predicted[seed]) for seed in base]
        reference = [self._score(self.predicted[FULL][seed]) for seed in base]
        return Variant(
            name=name,
            title=ABLATIONS[name].title if name != FULL else "full model",
            settings=self.study.plan.choices["variants"][name],
            parameters=done[0].parameters if done else None,
            trainable_parameters=done[0].trainable_parameters if done else None,
            scores=[
                [r.metrics[self.metric] if r.done else None for r in self._of(name, seed)]
                for seed in self.seeds
            ],
            mean=float(np.mean(means)) if means else None,
            sd=float(np.std(means, ddof=1)) if len(means) > 1 else None,
            low=interval.low if interval else None,
            high=interval.high if interval else None,
            difference=float(np.mean(shared) - np.mean(reference)) if gap else None,
            difference_low=gap.low if gap else None,
            difference_high=gap.high if gap else None,
            comparison=comparison,
            seconds=float(np.mean([r.seconds for r in done])) if done else 0.0,
            failures=[f"{r.name}: {r.note}" for r in records if not r.done],
        )

    def _score(self, predicted: NDArray[np.int64]) -> float:
        return float(SCORES[self.metric](confusion_matrix(self.labels, predicted, self.classes)))

    def _crossed(self, name: str) -> tuple[dict[str, NDArray[np.float64]], list[int]]:
        """Resample the seeds and rows that a variant and the full model have in common."""
        seeds = [seed for seed in self.predicted[FULL] if seed in self.predicted[name]]
        if not seeds:
            return {}, []
        tables = {
            model: np.stack([self.predicted[model][seed] for seed in seeds])
            for model in dict.fromkeys((FULL, name))
        }
        return crossed_scores(self.labels, tables, self.classes, self.metric), seeds

    def _compared(self) -> dict[str, dict[str, Any]]:
        """Test each variant against the full model."""
        usable = [name for name in self.names if self.predicted[name]]
        seeds = [s for s in self.seeds if all(s in self.predicted[name] for name in usable)]
        if len(usable) < 2 or (self.rows is not None and not seeds):
            return {}
        try:
            found = compare(self._evidence(usable, seeds), reference=FULL)
        except NotComparable as error:
            return {name: {"decision": [], "note": str(error)} for name in usable[1:]}
        return {row.model: row.to_dict() for row in found if row.model is not None}

    def _evidence(self, names: list[str], seeds: list[int]) -> FoldScores | SeedPredictions:
        if self.rows is not None:
            sizes = [len(part) for part in self.rows]
            scores = {
                name: np.array(
                    [[r.metrics[self.metric] for r in self._of(name, seed)] for seed in seeds]
                ).T
                for name in names
            }
            return FoldScores(scores, sum(sizes) - np.array(sizes), sizes, metric=self.metric)
        return SeedPredictions(
            self.labels,
            {name: self.predicted[name] for name in names},
            self.classes,
            self.metric,
        )

    def _seed_note(self) -> list[str]:
        if self.folds:
            return [
                "The test is of the mean of the folds' scores; what is shown is the score on the "
                "rows of all folds together, which may differ a little."
            ]
        if len(self.seeds) == 1:
            return [
                f"Intervals are over the {len(self.labels):,} rows alone: with one seed, what is "
                "due to a part cannot be told from the luck of the training."
            ]
        return [
            f"Intervals and p-values are over the {len(self.labels):,} rows and the "
            f"{len(self.seeds)} seeds."
        ]
