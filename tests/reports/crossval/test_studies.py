from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from latex_reader import check, check_names
from tracing import check_latex, check_page

from roomtone.errors import DataError
from roomtone.experiments.ablation_result import AblationResult, Variant
from roomtone.experiments.learning_curve_result import Gain, LearningCurve, Point
from roomtone.experiments.study import StudyPlan
from roomtone.files import write_json
from roomtone.reports import write_any_report
from roomtone.reports.crossval.studies import read_study
from roomtone.reports.curve_bands import bands

HISTORY = {
    "train_loss": [1.0, 0.8, 0.7],
    "val_loss": [1.1, 0.9, 1.0],
    "val_f1_macro": [0.5, 0.6, 0.55],
}


ORDER = {
    "eps_min": 1.0,
    "eps_min_of_reference": 0.0371,
    "threshold": 0.2,
    "dominant": "reference",
}


def plan_of(kind: str) -> StudyPlan:
    return StudyPlan(kind, {"seed": 42}, {"train": "a" * 64}, {"seeds": [1, 2]}, {"python": "3.11"})


def variant(name: str, difference: float | None, failures: list[str]) -> Variant:
    known = difference is not None
    return Variant(
        name=name,
        title=name.replace("_", " "),
        settings={},
        parameters=1200,
        trainable_parameters=1200,
        scores=[[0.7], [None if failures else 0.71]],
        mean=0.705,
        sd=0.007,
        low=0.68,
        high=0.73,
        difference=difference,
        difference_low=difference - 0.02 if known else None,
        difference_high=difference + 0.02 if known else None,
        comparison={"p_value": 0.02, "adjusted_p": 0.04} if known else None,
        seconds=3.0,
        failures=failures,
        order={"effects": ORDER} if known else None,
    )


def write_ablation(folder: Path) -> Path:
    result = AblationResult(
        plan_of("ablation"),
        metric="f1_macro",
        split="test",
        rows=300,
        seeds=[1, 2],
        folds=None,
        variants=[variant("full", None, []), variant("no_cnn", -0.05, ["no_cnn-s2: it fell over"])],
        decision=["The evidence is the f1_macro of predictions for 300 rows."],
        notes=["A part costs parameters, too."],
    )
    write_json(folder / "plan.json", result.plan.to_dict())
    write_json(folder / "ablation.json", result.to_dict())
    for seed, epochs in ((1, 3), (2, 2)):
        history = {name: values[:epochs] for name, values in HISTORY.items()}
        write_json(
            folder / "runs" / f"full-s{seed}" / "training_history.json", {"history": history}
        )
    return folder


def write_curve(folder: Path) -> Path:
    points = [
        Point("hybrid_dl", 100, [0.5, None], 0.5, None, 0.45, 0.55, 1.0),
        Point("hybrid_dl", 200, [0.6, 0.62], 0.61, 0.014, 0.57, 0.65, 2.0),
        Point("logreg", 100, [None, None], None, None, None, None, 0.1),
        Point("logreg", 200, [0.58, 0.59], 0.585, 0.007, 0.55, 0.62, 0.1),
    ]
    gains = [Gain("hybrid_dl", 100, 200, 0.1, 0.05, 0.15)]
    curve = LearningCurve(
        plan_of("learning curve"),
        "f1_macro",
        "test",
        300,
        [1, 2],
        points,
        gains,
        [
            {"size": 100, "model": "logreg", "reference": "hybrid_dl", "p_value": None}
            | {"note": "undecided: one seed of both"},
            {"size": 200, "model": "logreg", "reference": "hybrid_dl", "p_value": 0.011}
            | {"adjusted_p": 0.022, "difference": -0.0251, "low": -0.0473, "high": -0.0032}
            | {"note": "", "outcome": "worse"},
        ],
        ["A note on 2."],
    )
    write_json(folder / "plan.json", curve.plan.to_dict())
    write_json(folder / "learning_curve.json", curve.to_dict())
    return folder


def test_studies_inside_and_beside_are_shown(small, tmp_path):
    shutil.copytree(small, tmp_path / "cv")
    write_curve(tmp_path / "cv" / "curve")
    beside = write_ablation(tmp_path / "ablation")
    *_, page = write_any_report([tmp_path / "cv", beside], tmp_path / "out")
    facts = json.loads((tmp_path / "out" / "report.json").read_text("utf-8"))
    assert [study["kind"] for study in facts["studies"]] == ["learning curve", "ablation"]
    shown = page.read_text("utf-8")
    assert "it fell over" in shown
    assert "undecided: one seed of both" in shown
    assert "worse" in shown
    assert "0.022" in shown
    assert "0.037" in shown
    assert "Almost stochastic order over seeds" in shown
    assert "del Barrio" in shown
    check_page(shown, facts)
    source = (tmp_path / "out" / "report.tex").read_text("utf-8")
    check_latex(source, facts)
    check(source)
    check_names(source, tmp_path / "out")
    names = {path.stem for path in (tmp_path / "out" / "figures").iterdir()}
    assert {"study1_learning_curve", "study2_ablation", "study2_training_curves"} <= names


def test_bands_are_over_the_runs_that_reached_an_epoch():
    found = bands([{"val_loss": [1.0, 0.5]}, {"val_loss": [3.0, None, 2.0]}, {"train_loss": [9.0]}])
    loss = next(entry for entry in found if entry["name"] == "val_loss")
    assert loss["mean"] == [2.0, 0.5, 2.0]
    assert (loss["low"], loss["high"]) == ([1.0, 0.5, 2.0], [3.0, 0.5, 2.0])
    assert loss["runs"] == [2, 1, 1]


def test_a_study_that_is_not_finished_says_how_to_go_on(tmp_path):
    folder = write_ablation(tmp_path / "ablation")
    (folder / "ablation.json").unlink()
    with pytest.raises(DataError, match=r"roomtone ablate --resume .*ablation"):
        read_study(folder)


def test_a_study_of_a_kind_without_a_section_is_refused(tmp_path):
    write_json(tmp_path / "plan.json", plan_of("tuning").to_dict())
    with pytest.raises(DataError, match="'tuning'"):
        read_study(tmp_path)


def test_a_study_alone_and_a_run_beside_others_are_refused(small, tmp_path):
    with pytest.raises(DataError, match="beside a cross-validation"):
        write_any_report([write_ablation(tmp_path / "ablation")])
    with pytest.raises(DataError, match="reported alone"):
        write_any_report([small, tmp_path])
