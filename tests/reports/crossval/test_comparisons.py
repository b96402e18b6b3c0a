from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from tracing import check_latex, check_page

from roomtone.experiments.folder import write_result
from roomtone.experiments.predictions import Predictions
from roomtone.experiments.record import Cell, DataFile, Plan
from roomtone.experiments.summary import summarise
from roomtone.experiments.table import as_text
from roomtone.reports.crossval.report import write_crossval_report

ROWS, REPEATS, FOLDS = 80, 5, 2
LABELS = np.arange(ROWS) % 2


def cell(model: str, repeat: int, fold: int, wrong: int) -> tuple[Cell, Predictions]:
    """A cell in which so many rows are wrong, as many of each class."""
    half = np.arange(ROWS // FOLDS) + fold * ROWS // FOLDS
    predicted = LABELS[half].copy()
    predicted[:wrong] = 1 - predicted[:wrong]
    found = Predictions(half, LABELS[half], predicted)
    metrics = found.metrics(("bad", "good"))
    return Cell(model, repeat, fold, 42, ROWS - len(half), len(half), metrics), found


@pytest.fixture
def contradicting(tmp_path):
    """5×2cv in which repeats contradict each other much more than their folds do."""
    wrong = {"steady": [8] * 5, "up_down": [16, 2, 16, 2, 16], "down_up": [2, 18, 18, 18, 2]}
    plan = Plan(
        data=(DataFile("all.csv", ROWS, ""),),
        class_names=("bad", "good"),
        class_counts=(ROWS // 2, ROWS // 2),
        scheme="stratified",
        column=None,
        folds=dict.fromkeys(wrong, FOLDS),
        repeats=REPEATS,
        seeds=(42,),
        validation_share=0.1,
        models={name: {} for name in wrong},
        versions={},
    )
    made = [
        cell(name, repeat, fold, count + 2 * fold * (name == "up_down"))
        for name, counts in wrong.items()
        for repeat, count in enumerate(counts)
        for fold in range(FOLDS)
    ]
    # One fold of another model differs, too: without any variance within there is no test.
    made[-1] = cell("down_up", REPEATS - 1, 1, 4)
    said = {of.name: found for of, found in made}
    record = summarise(plan, [of for of, _ in made], said)
    write_result(tmp_path / "cv", record, [of for of, _ in made], said)
    return record, tmp_path / "cv"


def test_a_difference_without_an_interval_is_shown_with_the_reason(contradicting, tmp_path):
    record, folder = contradicting
    tested = [row for row in record.comparisons if row["metric"] == "f1_macro"]
    bare = [row for row in tested if row["method"] == "alpaydin_f" and row["low"] is None]
    assert bare
    assert any(row["difference"] < 0 for row in bare), "one that the report turns"
    shown = " ".join(as_text(record).split())
    assert f"{bare[0]['difference']:+.3f} (no interval)" in shown
    reason = "No interval: the repeats differ from each other more than their folds do."
    assert shown.count(reason) == 1
    write_crossval_report([folder], tmp_path / "report")
    facts = json.loads((tmp_path / "report" / "report.json").read_text("utf-8"))
    (family, *_) = facts["datasets"][0]["comparisons"]
    for ours, theirs in zip(
        family["rows"], (row for row in tested if row["method"] == "alpaydin_f"), strict=True
    ):
        assert ours["difference"] == abs(theirs["difference"])
        assert (ours["low"] is None) == (theirs["low"] is None)
        assert ours["statistic"] == theirs["statistic"], "F has no sign"
    assert reason in (tmp_path / "report" / "report.html").read_text("utf-8")


@pytest.fixture
def seeded(small, tmp_path):
    """The cross-validation of three models, as if each had been fitted with two seeds."""
    plan = replace(Plan.read(small / "plan.json"), seeds=(0, 1))
    cells, said = [], {}
    for path in sorted((small / "cells").glob("*.json")):
        first = Cell.read(path)
        found = Predictions.load(path.with_suffix(".npz"))
        metrics = {**first.metrics, "f1_macro": first.metrics["f1_macro"] - 0.01 * first.fold}
        for of in (first, replace(first, seed=1, metrics=metrics)):
            cells.append(of)
            said[of.name] = found
    record = summarise(plan, cells, said)
    write_result(tmp_path / "cv", record, cells, said)
    return record, tmp_path / "cv"


def test_effect_sizes_rows_needed_and_the_split_of_the_variance_are_reported(seeded, tmp_path):
    record, folder = seeded
    write_crossval_report([folder], tmp_path / "report")
    facts = json.loads((tmp_path / "report" / "report.json").read_text("utf-8"))
    page = (tmp_path / "report" / "report.html").read_text("utf-8")
    source = (tmp_path / "report" / "report.tex").read_text("utf-8")
    check_page(page, facts)
    check_latex(source, facts)
    (dataset,) = facts["datasets"]
    for model, result in zip(dataset["models"], record.models, strict=True):
        for shown, split in zip(model["variance"], result.variance.values(), strict=True):
            assert shown["seed_sd"] == pytest.approx(np.sqrt(split["seed"]))
    for number, family in enumerate(dataset["comparisons"], 1):
        head = source.partition(f"\\label{{tab:sizes_{number}}}")[2].partition("\\midrule")[0]
        assert "Rows needed" in head
        assert ("Odds ratio" in head) is (family["metric"] == "accuracy")
        tested = [
            row
            for row in record.comparisons
            if (row["metric"], row["method"]) == (family["metric"], family["method"])
        ]
        for ours, theirs in zip(family["rows"], tested, strict=True):
            effects = theirs["effects"]
            assert ours["rows_needed"] == effects["rows_needed"]
            assert f"{effects['rows_needed']:,}" in page
            if family["metric"] != "accuracy":
                continue
            sign = 1 if ours["model"] == theirs["model"] else -1
            assert ours["odds_ratio"] == pytest.approx(effects["odds_ratio"] ** sign)
            ends = [sign * end for end in effects["cohens_g_interval"]][::sign]
            assert ours["cohens_g_interval"] == pytest.approx(ends)
            low, high = ours["odds_ratio_interval"]
            assert low < ours["odds_ratio"] < (np.inf if high is None else high)
