"""From the cells of a cross-validation to means, pooled values, intervals and comparisons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from roomtone.engines.measuring import INTERVALS
from roomtone.experiments.effects import right_rows, with_effects
from roomtone.experiments.predictions import SCORES, Predictions
from roomtone.experiments.record import Cell, CrossValidation, ModelResult, Plan
from roomtone.stats import Interval, bootstrap_interval
from roomtone.stats.choosing import FoldScores, NotComparable, compare
from roomtone.stats.comparing.correlated import corrected_t
from roomtone.stats.variance import variance_split

COMPARED = ("f1_macro", "accuracy")
LEVEL = 0.95
_BEYOND_ONE = {"log_loss": np.inf, "brier": 2.0}
_BELOW_ZERO = {"cohen_kappa": -1.0, "mcc": -1.0}


def summarise(
    plan: Plan,
    cells: Sequence[Cell],
    predictions: Mapping[str, Predictions],
    *,
    members: Mapping[int, Mapping[str, Sequence[Cell]]] = MappingProxyType({}),
    groups: NDArray[Any] | None = None,
    reference: str | None = None,
    notes: Sequence[str] = (),
) -> CrossValidation:
    """Put the cells together.

    Parameters
    ----------
    plan : Plan
        What they are cells of; all of them are there.
    cells : sequence of Cell
        In any order.
    predictions : mapping of str to Predictions
        By the names of the cells.
    members : mapping of int to mapping of str to sequence of Cell
        Cells of models over another number of folds than their own, by that number: what was
        fitted for a combination, and is compared with the models over these folds.
    groups : ndarray, shape [rows], optional
        The group of each row of the data, as which intervals resample.
    reference : str, optional
        The model that the others are compared with; each with each other where not given.
    notes : sequence of str
        What a reader has to know besides.
    """
    seed = plan.seeds[0]
    by_model = {
        name: _in_order(plan, (cell for cell in cells if cell.model == name))
        for name in plan.models
    }
    models = tuple(
        _result(plan, found, [predictions[cell.name] for cell in found], groups, seed)
        for found in by_model.values()
    )
    said = predictions if groups is None else {}
    comparisons, remarks = _comparisons(plan, by_model, members, reference, said)
    return CrossValidation(plan, models, comparisons, (*notes, *remarks))


def _in_order(plan: Plan, cells: Iterable[Cell]) -> list[Cell]:
    return sorted(cells, key=lambda cell: (cell.repeat, cell.fold, plan.seeds.index(cell.seed)))


def fold_scores(cells: Sequence[Cell], metric: str, seeds: int) -> NDArray[np.float64]:
    """Arrange a score, NaN where it is undefined, ``[folds, seeds]``, the first repeat first."""
    values = [cell.metrics[metric] for cell in cells]
    return np.array(values, dtype=np.float64).reshape(-1, seeds)


def _result(
    plan: Plan,
    cells: list[Cell],
    predictions: list[Predictions],
    groups: NDArray[Any] | None,
    seed: int,
) -> ModelResult:
    mean: dict[str, float | None] = {}
    sd: dict[str, float | None] = {}
    seed_sd: dict[str, float | None] = {}
    intervals: dict[str, Interval] = {}
    variance: dict[str, dict[str, float | None]] = {}
    ratio = float(np.mean([c.n_test for c in cells]) / np.mean([c.n_train for c in cells]))
    for metric in SCORES:
        scores = fold_scores(cells, metric, len(plan.seeds))
        folds = scores.mean(axis=1)
        known = bool(np.isfinite(folds).all())
        mean[metric] = float(folds.mean()) if known else None
        sd[metric] = float(folds.std(ddof=1)) if known and folds.size > 1 else None
        several = known and len(plan.seeds) > 1
        seed_sd[metric] = float(np.sqrt(scores.var(axis=1, ddof=1).mean())) if several else None
        if known and (interval := _of_mean(folds, ratio, metric)) is not None:
            intervals[metric] = interval
        if several and folds.size > 1 and metric in COMPARED:
            variance[metric] = variance_split(scores).to_dict()
    pooled = _pooled(predictions)
    return ModelResult(
        name=cells[0].model,
        folds=tuple(_fold(cell) for cell in cells),
        mean=mean,
        sd=sd,
        seed_sd=seed_sd,
        intervals=intervals,
        # Ranks of probabilities that different models gave are no ranks (Forman & Scholz 2010).
        pooled={**pooled.metrics(plan.class_names), "auc": None},
        pooled_intervals={
            metric: bootstrap_interval(
                pooled.labels,
                pooled.predictions,
                len(plan.class_names),
                metric,
                level=LEVEL,
                seed=seed,
                groups=_units(plan, pooled.rows, groups),
            )
            for metric in INTERVALS
        },
        variance=variance,
    )


def _fold(cell: Cell) -> dict[str, Any]:
    kept = cell.to_dict()
    # Times differ from run to run, and machines may; the result does not.
    left_out = ("model", "seconds", "threads", "machine")
    return {name: kept[name] for name in kept if name not in left_out}


def _of_mean(folds: NDArray[np.float64], ratio: float, metric: str) -> Interval | None:
    try:
        found = corrected_t(folds, ratio, LEVEL)
    except NotComparable:
        return None
    if found.low is None or found.high is None:
        return None
    low = max(found.low, _BELOW_ZERO.get(metric, 0.0))
    high = min(found.high, _BEYOND_ONE.get(metric, 1.0))
    return Interval(low, high, LEVEL, "corrected_t")


def _pooled(parts: list[Predictions]) -> Predictions:
    probabilities = [part.probabilities for part in parts if part.probabilities is not None]
    return Predictions(
        rows=np.concatenate([part.rows for part in parts]),
        labels=np.concatenate([part.labels for part in parts]),
        predictions=np.concatenate([part.predictions for part in parts]),
        probabilities=np.concatenate(probabilities) if len(probabilities) == len(parts) else None,
    )


def _units(plan: Plan, rows: NDArray[np.int64], groups: NDArray[Any] | None) -> NDArray[Any] | None:
    """Name what is independent: groups, else rows, which repeats and seeds predict repeatedly."""
    if groups is not None:
        named: NDArray[Any] = groups[rows]
        return named
    return rows if plan.repeats * len(plan.seeds) > 1 else None


def _comparisons(
    plan: Plan,
    by_model: Mapping[str, list[Cell]],
    members: Mapping[int, Mapping[str, Sequence[Cell]]],
    reference: str | None,
    said: Mapping[str, Predictions],
) -> tuple[tuple[dict[str, Any], ...], list[str]]:
    found: list[dict[str, Any]] = []
    notes: list[str] = []
    counts = list(dict.fromkeys(plan.folds.values()))
    if len(counts) > 1:
        shown = ", ".join(f"{name} {count}" for name, count in plan.folds.items())
        notes.append(
            "Only models over the same folds are compared, members of a combination over its "
            f"folds, too; folds: {shown}."
        )
    for count in counts:
        over: dict[str, list[Cell]] = {}
        for name, folds in plan.folds.items():
            cells = by_model[name] if folds == count else members.get(count, {}).get(name)
            if cells:
                over[name] = _in_order(plan, cells)
        chosen = reference if reference in over else None
        if len(over) < 2 or (reference is not None and chosen is None):
            continue
        right = {name: right_rows(cells, said) for name, cells in over.items()}
        for metric in COMPARED:
            evidence = _evidence(plan, over, metric)
            for method in (None, "bayesian_correlated_t"):
                try:
                    rows = compare(
                        evidence,
                        reference=chosen,
                        every_pair=chosen is None,
                        method=method,
                        confidence=LEVEL,
                    )
                except NotComparable as error:
                    notes += [f"{metric} of {', '.join(over)}: {error}"] if method is None else []
                else:
                    sized = [with_effects(row, plan, right) for row in rows]
                    found += [{**row.to_dict(), "folds": count} for row in sized]
    return tuple(found), notes


def _evidence(plan: Plan, by_model: Mapping[str, list[Cell]], metric: str) -> FoldScores:
    first = next(iter(by_model.values()))[:: len(plan.seeds)]
    return FoldScores(
        {name: fold_scores(cells, metric, len(plan.seeds)) for name, cells in by_model.items()},
        n_train=[cell.n_train for cell in first],
        n_test=[cell.n_test for cell in first],
        repeats=plan.repeats,
        metric=metric,
    )
