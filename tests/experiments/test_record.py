from __future__ import annotations

import json
from dataclasses import replace

import pytest

from roomtone.errors import DataError
from roomtone.experiments.record import (
    Cell,
    CrossValidation,
    DataFile,
    ModelResult,
    Plan,
)
from roomtone.stats import Interval

PLAN = Plan(
    data=(DataFile("all.csv", 30, "ab"), DataFile("more.csv", 12, "cd")),
    class_names=("bad", "good"),
    class_counts=(20, 22),
    scheme="stratified",
    column=None,
    folds={"svm": 10, "hybrid_dl": 5},
    repeats=1,
    seeds=(42,),
    validation_share=0.1,
    models={"svm": {"C": 1.0}, "hybrid_dl": {"training": {"batch_size": 8}}},
    versions={"python": "3.12"},
)
RESULT = CrossValidation(
    plan=PLAN,
    models=(
        ModelResult(
            name="svm",
            folds=({"fold": 0, "metrics": {"accuracy": 0.5}},),
            mean={"accuracy": 0.5},
            sd={"accuracy": None},
            seed_sd={"accuracy": None},
            intervals={},
            pooled={"accuracy": 0.5},
            pooled_intervals={"accuracy": Interval(0.1, 0.9, 0.95, "BCa")},
        ),
    ),
    comparisons=({"metric": "f1_macro", "p_value": 0.2},),
    notes=("a note",),
)


@pytest.mark.parametrize("record", [PLAN, RESULT, Cell("svm", 0, 3, 42, 90, 10, {"f1": [0.5]})])
def test_a_record_survives_json(record):
    assert type(record).from_dict(json.loads(json.dumps(record.to_dict()))) == record


def test_the_folder_gives_the_result_back(tmp_path):
    (tmp_path / "crossval.json").write_text(json.dumps(RESULT.to_dict()), encoding="utf-8")
    assert CrossValidation.load(tmp_path) == RESULT
    assert CrossValidation.load(tmp_path)["svm"].mean == {"accuracy": 0.5}


def test_an_unfinished_folder_is_told_from_another_one(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        CrossValidation.load(tmp_path)
    (tmp_path / "plan.json").write_text("{}", encoding="utf-8")
    with pytest.raises(DataError, match="not finished"):
        CrossValidation.load(tmp_path)


def test_what_is_no_record_is_refused_by_file_and_key(tmp_path):
    path = tmp_path / "plan.json"
    path.write_text("{not json", encoding="utf-8")
    with pytest.raises(DataError, match=r"plan\.json: no JSON"):
        Plan.read(path)
    path.write_text(json.dumps({**PLAN.to_dict(), "repeats": "many"}), encoding="utf-8")
    with pytest.raises(DataError, match=r"plan\.json: not a Plan: repeats: .*integer"):
        Plan.read(path)


def test_plans_differ_by_what_is_named():
    other = replace(
        PLAN,
        data=(replace(PLAN.data[0], sha256="ef"), PLAN.data[1]),
        folds={"svm": 10},
        models={**PLAN.models, "hybrid_dl": {"training": {"batch_size": 16}}},
    )
    assert PLAN.differences(PLAN) == []
    assert PLAN.differences(other) == [
        "data.0.sha256: 'ab', now 'ef'",
        "folds.hybrid_dl: 5, now absent",
        "models.hybrid_dl.training.batch_size: 8, now 16",
    ]
    assert PLAN.digest != other.digest
    assert PLAN.digest == Plan.from_dict(PLAN.to_dict()).digest
