"""From the runs of an ablation to its result: scores, differences, and their tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from roomtone.config import label_scheme
from roomtone.errors import TrainingError
from roomtone.experiments.ablation_result import AblationResult, Variant
from roomtone.experiments.ablations import ABLATIONS, FULL
from roomtone.experiments.study import Study
from roomtone.experiments.trial_record import TrialRecord, read_tested
from roomtone.stats import SCORES, confusion_matrix
from roomtone.stats.choosing import FoldScores, NotComparable, SeedPredictions, SeedScores, compare
from roomtone.stats.crossed import crossed_scores, percentiles

_NOTES = (
    "Each variant is trained with the settings of the full model; one that is tuned for itself "
    "could do better.",
    "A variant that lacks a part is of another size, mostly smaller, and a difference may be due "
    "to that.",
)


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
        compared, orders = self._compared(), self._orders()
        return AblationResult(
            self.study.plan,
            self.metric,
            "folds" if self.folds else next(r.split for r in self._of(FULL) if r.done),
            len(self.labels),
            self.seeds,
            self.folds,
            [self._variant(name, compared.get(name), orders.get(name)) for name in self.names],
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

    def _variant(
        self, name: str, comparison: dict[str, Any] | None, order: dict[str, Any] | None
    ) -> Variant:
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
            order=order,
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

    def _orders(self) -> dict[str, dict[str, Any]]:
        """Compare each variant's scores over seeds, as whole distributions, with the full model's.

        Variants with too few seeds are left out; there is nothing to say where no score differs.
        """
        scores = {
            name: [self._score(row) for row in predicted.values()]
            for name, predicted in self.predicted.items()
            if predicted
        }
        try:
            found = compare(SeedScores(scores, self.metric), reference=FULL)
        except NotComparable:
            return {}
        return {str(row.model): row.to_dict() for row in found if row.p_value is not None}

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
