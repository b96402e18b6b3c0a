from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from roomtone.experiments.predictions import Predictions
from roomtone.experiments.record import Cell, CrossValidation, DataFile, Plan
from roomtone.experiments.summary import summarise
from roomtone.experiments.table import as_text
from roomtone.stats import bootstrap_interval
from roomtone.stats.variance import variance_split

ROWS, FOLDS = 100, 5


def plan(*models: str, seeds=(1,), repeats=1) -> Plan:
    return Plan(
        data=(DataFile("all.csv", ROWS, ""),),
        class_names=("bad", "good"),
        class_counts=(50, 50),
        scheme="stratified",
        column=None,
        folds=dict.fromkeys(models, FOLDS),
        repeats=repeats,
        seeds=seeds,
        validation_share=0.1,
        models={name: {} for name in models},
        versions={},
    )


def cells_of(of: Plan) -> tuple[list[Cell], dict[str, Predictions]]:
    """Cells whose predictions are right with chances that differ from model to model."""
    random = np.random.default_rng(8)
    labels = np.arange(ROWS) % 2
    cells, said = [], {}
    for place, model in enumerate(of.models):
        for repeat in range(of.repeats):
            for fold in range(FOLDS):
                for seed in of.seeds:
                    rows = np.arange(fold, ROWS, FOLDS)
                    right = random.random(len(rows)) < 0.6 + 0.15 * place
                    found = Predictions(
                        rows, labels[rows], np.where(right, 1, 0) ^ 1 ^ labels[rows]
                    )
                    cell = Cell(
                        *(model, repeat, fold, seed, ROWS - len(rows), len(rows)),
                        metrics=found.metrics(of.class_names),
                    )
                    cells.append(cell)
                    said[cell.name] = found
    return cells, said


def test_means_and_intervals_are_those_of_the_formulas():
    of = plan("low", "high", seeds=(1, 2, 3), repeats=2)
    cells, said = cells_of(of)
    result = summarise(of, cells[::-1], said)
    scores = np.array([c.metrics["accuracy"] for c in cells if c.model == "low"]).reshape(10, 3)
    folds = scores.mean(axis=1)
    low = result["low"]
    assert low.mean["accuracy"] == pytest.approx(folds.mean())
    assert low.sd["accuracy"] == pytest.approx(np.std(folds, ddof=1))
    assert low.seed_sd["accuracy"] == pytest.approx(np.sqrt(scores.var(axis=1, ddof=1).mean()))
    # Nadeau & Bengio (2003): (1/J + n_test/n_train) times the variance of the folds.
    half = stats.t.ppf(0.975, 9) * np.sqrt((1 / 10 + 20 / 80) * folds.var(ddof=1))
    interval = low.intervals["accuracy"]
    assert (interval.low, interval.high) == pytest.approx(
        (folds.mean() - half, folds.mean() + half)
    )
    assert low.mean["log_loss"] is low.mean["auc"] is None
    tested = {row["metric"]: row for row in result.comparisons if row["method"] == "corrected_t"}
    assert tested["accuracy"]["model"] == "high"
    assert tested["accuracy"]["difference"] == pytest.approx(
        result["high"].mean["accuracy"] - folds.mean()
    )


def test_pooled_intervals_resample_rows_that_were_predicted_repeatedly_as_one():
    once, often = plan("one"), plan("one", seeds=(1, 2, 3, 4))
    cells, said = cells_of(once)
    single = summarise(once, cells, said)["one"]
    found = [said[cell.name] for cell in cells]
    labels, predicted = (
        np.concatenate([getattr(f, part) for f in found]) for part in ("labels", "predictions")
    )
    expected = bootstrap_interval(labels, predicted, 2, "accuracy", seed=1)
    assert single.pooled_intervals["accuracy"] == expected
    # The same predictions four times tell no more than once.
    copies = [
        Cell.from_dict({**cell.to_dict(), "seed": seed}) for cell in cells for seed in often.seeds
    ]
    repeated = summarise(often, copies, {c.name: said[f"one-r0-f{c.fold}-s1"] for c in copies})[
        "one"
    ]
    assert repeated.pooled["n"] == 4 * ROWS
    again = repeated.pooled_intervals["accuracy"]
    assert (again.low, again.high) == pytest.approx((expected.low, expected.high), abs=0.02)


def test_pooled_intervals_resample_groups():
    of = plan("one")
    cells, said = cells_of(of)
    rows = summarise(of, cells, said)["one"].pooled_intervals["accuracy"]
    # Rows of a group are right or wrong together.
    groups = np.arange(ROWS) // 10
    for found in said.values():
        found.predictions[:] = np.where(groups[found.rows] < 7, found.labels, 1 - found.labels)
    clustered = summarise(of, cells, said, groups=groups)["one"].pooled_intervals["accuracy"]
    assert clustered.high - clustered.low > 2 * (rows.high - rows.low)


def test_an_interval_of_a_mean_stays_within_what_the_score_can_be():
    of = plan("high")
    cells, said = cells_of(of)
    for place, cell in enumerate(cells):
        cell.metrics["accuracy"] = (1.0, 1.0, 0.9, 1.0, 0.8)[place]
    assert summarise(of, cells, said)["high"].intervals["accuracy"].high == 1.0


def test_the_table_shows_figures_and_notes():
    of = plan("low", "high")
    result = summarise(of, *cells_of(of), notes=["a note of mine"])
    shown = as_text(result)
    mean, sd = result["high"].mean["f1_macro"], result["high"].sd["f1_macro"]
    assert f"{mean:.3f} ± {sd:.3f}" in shown
    assert "Note: a note of mine" in shown
    assert "log loss" not in shown, "without probabilities there is none"
    assert not [line for line in shown.splitlines() if len(line) > 120]


def test_a_pair_that_cannot_be_tested_is_told_with_the_reason():
    of = plan("one", "same", "other")
    cells, said = cells_of(of)
    for cell in cells:
        if cell.model == "same":
            (twin,) = [c for c in cells if (c.model, c.fold) == ("one", cell.fold)]
            cell.metrics.update(twin.metrics)
    result = summarise(of, cells, said)
    (bare,) = [
        row
        for row in result.comparisons
        if (row["metric"], row["p_value"], row["method"]) == ("f1_macro", None, "corrected_t")
    ]
    assert bare["outcome"] == "not tested"
    shown = " ".join(as_text(result).split())
    assert "not tested" in shown
    assert f"Note: same against one: {bare['note']}" in shown


def test_the_spread_of_seeds_is_split_from_that_of_folds():
    of = plan("low", "high", seeds=(1, 2, 3))
    cells, said = cells_of(of)
    result = summarise(of, cells, said)
    scores = np.array([c.metrics["f1_macro"] for c in cells if c.model == "low"]).reshape(5, 3)
    assert result["low"].variance["f1_macro"] == variance_split(scores).to_dict()
    assert CrossValidation.from_dict(result.to_dict()) == result
    split = result["low"].variance["f1_macro"]
    shown = f"{np.sqrt(split['fold']):.3f} | {np.sqrt(split['seed']):.3f}"
    assert shown in as_text(result)
    single = plan("low")
    assert summarise(single, *cells_of(single))["low"].variance == {}


def test_how_many_rows_would_show_the_difference_and_effect_sizes_with_intervals():
    of = plan("low", "high", seeds=(1, 2), repeats=2)
    cells, said = cells_of(of)
    result = summarise(of, cells, said)
    tested = {row["metric"]: row for row in result.comparisons if row["method"] == "corrected_t"}
    found = tested["accuracy"]
    error = (found["high"] - found["difference"]) / stats.t.ppf(0.975, 9)
    reach = stats.t.ppf(0.975, 9) + stats.t.ppf(0.8, 9)
    needed = np.ceil(ROWS * (reach * error / found["difference"]) ** 2)
    assert found["effects"]["rows_needed"] == pytest.approx(needed, abs=1)
    assert f"{tested['f1_macro']['effects']['rows_needed']:,}" in as_text(result)
    # Each row once: of the first repeat and seed.
    right = {
        model: np.concatenate(
            [
                said[c.name].labels == said[c.name].predictions
                for c in cells
                if (c.model, c.repeat, c.seed) == (model, 0, 1)
            ]
        )
        for model in ("low", "high")
    }
    more, less = (right["high"] & ~right["low"]).sum(), (right["low"] & ~right["high"]).sum()
    effects = found["effects"]
    assert effects["rows"] == ROWS
    assert effects["odds_ratio"] == pytest.approx(more / less)
    low, high = effects["odds_ratio_interval"]
    assert low < more / less < high
    assert effects["cohens_g"] == pytest.approx(more / (more + less) - 0.5)
    assert "odds_ratio" in found["sources"]
    grouped = summarise(of, cells, said, groups=np.arange(ROWS) // 5)
    assert not any("odds_ratio" in row["effects"] for row in grouped.comparisons)
