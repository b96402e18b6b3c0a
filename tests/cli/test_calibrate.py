from __future__ import annotations

import hashlib
import json
import shutil

import numpy as np
import pytest
from scipy.special import softmax

from roomtone.cli.main import main
from roomtone.data.tables import read_labelled
from roomtone.engines import load_engine, save_engine
from roomtone.engines.manifest import seal
from roomtone.engines.measuring import measure
from roomtone.labels import LabelScheme
from roomtone.stats import Calibration, expected_calibration_error

NAMES = ("negative", "neutral", "positive")


def write_rows(path, rows: int, seed: int) -> None:
    """Texts whose words say which class is likely, and labels that follow them half as surely."""
    generator = np.random.default_rng(seed)
    lines = ["text,label"]
    for row in range(rows):
        words = generator.choice(["good", "great", "bad", "awful", "film"], 4)
        weight = {"good": 1, "great": 2, "bad": -1, "awful": -2, "film": 0}
        total = sum(weight[word] for word in words)
        label = NAMES[generator.choice(3, p=softmax(0.5 * np.array([-total, 0, total])))]
        lines.append(f"{' '.join(words)} {row},{label}")
    path.write_text("\n".join(lines), encoding="utf-8")


@pytest.fixture
def folder(lexicon, tmp_path, monkeypatch):
    """A working folder with a saved engine and data."""
    for name, rows, seed in (("val", 700, 1), ("test", 600, 2)):
        write_rows(tmp_path / f"{name}.csv", rows, seed)
    save_engine(lexicon.LexiconEngine(), tmp_path / "models" / "lexicon")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


def test_the_engine_in_its_folder_is_calibrated_and_what_it_is_worth_is_shown(folder, capsys):
    arguments = ["calibrate", "models/lexicon", "--val_csv", "val.csv", "--test_csv", "test.csv"]
    assert main(arguments) == 0
    output = capsys.readouterr().out
    assert "divided by a temperature of" in output
    assert "after, cross-fitted" in output
    assert "Leaving texts undecided" in output
    engine = load_engine(folder / "models" / "lexicon")
    assert engine.calibration.temperature == pytest.approx(2, rel=0.15)
    assert engine.analyze("good", abstain=0.1, error_rate=0.1).labels
    written = json.loads((folder / "models/lexicon-calibration/calibration.json").read_text())
    assert Calibration.from_dict(written["report"]["calibration"]) == engine.calibration
    report = written["report"]
    for when, other in (("test_after", "test_before"), ("validation_after", "validation_before")):
        assert report[when]["nll"] < report[other]["nll"]
        assert report[when]["ece"] < report[other]["ece"]
    assert [row["error_rate"] for row in written["trust"]["conformal"]] == [0.05, 0.1, 0.2]
    for row in written["trust"]["conformal"]:
        assert row["high"] >= 1 - row["error_rate"] - 0.02
        assert len(row["coverage_by_class"]) == 3
    assert {path.name for path in (folder / "models/lexicon-calibration").iterdir()} == {
        "calibration.json",
        *(
            f"{name}.{suffix}"
            for name in ("reliability_before", "reliability_after", "risk_coverage")
            for suffix in ("png", "pdf")
        ),
    }


def test_the_report_says_what_the_saved_engine_does(folder):
    main(["calibrate", "models/lexicon", "--val_csv", "val.csv", "--test_csv", "test.csv"])
    written = json.loads((folder / "models/lexicon-calibration/calibration.json").read_text())
    test = read_labelled(folder / "test.csv", labels=LabelScheme())
    engine = load_engine(folder / "models" / "lexicon")
    # Texts without a known word get the prior and are not part of the calibration's own report.
    known = np.array([result.known for result in engine.batch_analyze(test.texts)])
    probs = engine.predict_proba(test.texts)
    ece = expected_calibration_error(probs[known], test.labels[known])
    assert written["report"]["test_after"]["ece"] == pytest.approx(ece)
    right = probs.argmax(axis=1) == test.labels
    assert written["trust"]["risk_coverage"]["risk"][-1] == pytest.approx(1 - right.mean())
    sets = [result.labels for result in engine.batch_analyze(test.texts, error_rate=0.1)]
    hit = np.mean(
        [NAMES[label].capitalize() in found for label, found in zip(test.labels, sets, strict=True)]
    )
    assert written["trust"]["conformal"][1]["coverage"] == pytest.approx(hit)


def test_the_same_command_gives_the_same_bytes(folder):
    arguments = ["models/lexicon", "--val_csv", "val.csv", "--test_csv", "test.csv"]
    for name in ("one", "two"):
        assert main(["calibrate", *arguments, "--output_dir", name]) == 0
    for folder_of in ("{}", "{}-calibration"):
        files = [
            {p.name: p.read_bytes() for p in (folder / folder_of.format(name)).iterdir()}
            for name in ("one", "two")
        ]
        assert files[0] == files[1]
    assert load_engine(folder / "models/lexicon").calibration.kind == "identity", "left as it was"


def test_a_name_stands_for_the_folder_in_models_and_a_kind_can_be_chosen(folder, capsys):
    assert main(["calibrate", "lexicon", "--val_csv", "val.csv", "--method", "vector"]) == 0
    output = capsys.readouterr().out
    assert "scaled by class" in output
    assert "--test_csv would show" in output
    assert load_engine(folder / "models/lexicon").calibration.kind == "vector"


def facts_of(path) -> dict:
    rows = read_labelled(path, labels=LabelScheme())
    return {"rows": len(rows.texts), "sha256": rows.sha256}


@pytest.fixture
def measured(folder, lexicon):
    """The saved engine again, with metrics of the time before any calibration."""
    engine = lexicon.LexiconEngine()
    metrics = {}
    for split, name in (("validation", "val"), ("test", "test")):
        rows = read_labelled(folder / f"{name}.csv", labels=LabelScheme())
        metrics[split] = measure(engine, rows.texts, rows.labels)
    data = {"validation": facts_of(folder / "val.csv"), "test": facts_of(folder / "test.csv")}
    engine.record = {"data": data, "metrics": metrics}
    save_engine(engine, folder / "models/lexicon")
    return metrics


def test_metrics_and_card_are_those_of_the_new_calibration(folder, measured):
    arguments = ["calibrate", "models/lexicon", "--val_csv", "val.csv", "--test_csv", "test.csv"]
    assert main(arguments) == 0
    engine = load_engine(folder / "models/lexicon")
    card = (folder / "models/lexicon/MODEL_CARD.md").read_text(encoding="utf-8")
    for split, name in (("validation", "val"), ("test", "test")):
        rows = read_labelled(folder / f"{name}.csv", labels=LabelScheme())
        found = engine.record["metrics"][split]
        assert found == json.loads(json.dumps(measure(engine, rows.texts, rows.labels)))
        loss, old = found["metrics"]["log_loss"], measured[split]["metrics"]["log_loss"]
        assert loss < old - 0.01
        assert f"| log loss, nats | {loss:.4f} |" in card
        assert f"{old:.4f}" not in card


def test_other_test_rows_than_before_take_their_place_on_the_card(folder, measured):
    write_rows(folder / "other.csv", 300, 3)
    arguments = ["calibrate", "models/lexicon", "--val_csv", "val.csv", "--test_csv", "other.csv"]
    assert main(arguments) == 0
    record = load_engine(folder / "models/lexicon").record
    assert record["metrics"]["test"]["metrics"]["n"] == 300
    assert record["data"]["test"]["file"] == "other.csv"
    assert record["data"]["validation"] == facts_of(folder / "val.csv")


def test_without_test_rows_metrics_keep_what_a_temperature_leaves_as_it_is(folder, measured):
    arguments = ["calibrate", "models/lexicon", "--val_csv", "val.csv"]
    assert main([*arguments, "--method", "temperature"]) == 0
    found = load_engine(folder / "models/lexicon").record["metrics"]
    before = measured["test"]["metrics"]
    gone = {"log_loss", "brier", "ece"}
    assert found["test"]["metrics"].keys() == before.keys() - gone
    assert found["test"]["metrics"]["f1_macro"] == before["f1_macro"]
    assert found["test"]["intervals"] == measured["test"]["intervals"]
    assert gone < found["validation"]["metrics"].keys()
    # Biases by class change labels too, so that nothing of the test rows is known any more.
    assert main([*arguments, "--method", "vector"]) == 0
    assert load_engine(folder / "models/lexicon").record["metrics"].keys() == {"validation"}


def test_the_rows_of_the_calibration_cannot_test_it(folder, capsys):
    (folder / "copy.csv").write_bytes((folder / "val.csv").read_bytes())
    arguments = ["calibrate", "models/lexicon", "--val_csv", "val.csv", "--test_csv", "copy.csv"]
    assert main(arguments) == 2
    assert "--test_csv copy.csv: the same rows as --val_csv val.csv" in capsys.readouterr().err
    assert load_engine(folder / "models/lexicon").validation is None


def test_rows_that_the_engine_was_fitted_on_are_refused(folder, lexicon, capsys):
    digest = hashlib.sha256((folder / "val.csv").read_bytes()).hexdigest()
    engine = lexicon.LexiconEngine(record={"data": {"train": {"rows": 700, "sha256": digest}}})
    save_engine(engine, folder / "models/lexicon")
    assert main(["calibrate", "models/lexicon", "--val_csv", "val.csv"]) == 2
    assert "--val_csv val.csv: engine 'lexicon' was fitted on this file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["models/lexicon"], "--val_csv"),
        (
            ["models/nothing", "--val_csv", "val.csv"],
            "models/nothing: no such folder, and no engine",
        ),
        (["models/lexicon", "--val_csv", "nothing.csv"], "nothing.csv"),
        (["models/lexicon", "--val_csv", "val.csv", "--method", "platt"], "invalid choice"),
        (["models/lexicon", "--val_csv", "val.csv", "--label_column", "lable"], "'lable'"),
        (["models/lexicon", "--val_csv", "val.csv", "--output_dir", "."], "holds"),
    ],
)
def test_a_mistake_is_a_clear_error_and_leaves_the_engine_alone(folder, capsys, arguments, message):
    assert main(["calibrate", *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error
    assert load_engine(folder / "models/lexicon").validation is None


def test_an_engine_of_a_package_is_calibrated_by_its_name_into_a_folder(folder, by_name, capsys):
    shutil.rmtree(folder / "models")
    assert main(["calibrate", "lexicon", "--val_csv", "val.csv"]) == 2
    error = capsys.readouterr().err
    assert "no saved engine's folder is called lexicon: name a folder" in error
    assert "--output_dir models/lexicon" in error
    assert not (folder / "models").exists()
    output = ["--output_dir", "models/lexicon"]
    assert main(["calibrate", "lexicon", "--val_csv", "val.csv", *output]) == 0
    assert load_engine(folder / "models/lexicon").validation is not None


def test_an_engine_that_was_altered_is_refused(folder, capsys):
    path = folder / "models/lexicon/engine.json"
    path.write_text(json.dumps(seal({**json.loads(path.read_text()), "format": 9})))
    assert main(["calibrate", "models/lexicon", "--val_csv", "val.csv"]) == 2
    assert "install a newer roomtone" in capsys.readouterr().err
