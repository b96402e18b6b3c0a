from __future__ import annotations

import numpy as np
import pytest

from roomtone.baselines import BASELINES, QUICK
from roomtone.data.tables import read_labelled
from roomtone.engines import load_engine, save_engine
from roomtone.engines.fitting import fit_baseline
from roomtone.errors import DataError
from roomtone.labels import SENTIMENT, LabelScheme

WORDS = {"negative": ("awful", "hate"), "neutral": ("day", "film"), "positive": ("great", "love")}


def write(path, rows: int, seed: int, labels=SENTIMENT):
    rng = np.random.default_rng(seed)
    lines = ["text,label"]
    for row in range(rows):
        label = labels[row % len(labels)]
        told = label if rng.random() < 0.8 else rng.choice(labels)
        words = [rng.choice(WORDS[str(told)]), rng.choice(("the", "a", "so")), f"word{row}x{seed}"]
        lines.append(f"{' '.join(words)},{label}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_labelled(path, labels=LabelScheme())


@pytest.fixture
def splits(tmp_path):
    sizes = {"train": 120, "validation": 90, "test": 90}
    return {
        split: write(tmp_path / f"{split}.csv", rows, seed)
        for seed, (split, rows) in enumerate(sizes.items())
    }


@pytest.mark.parametrize("name", BASELINES)
def test_a_fitted_baseline_records_data_metrics_and_calibration(name, splits):
    engine = fit_baseline(name, splits, SENTIMENT)
    assert engine.prior.tolist() == pytest.approx([1 / 3] * 3)
    assert engine.record["data"]["train"] == {
        "file": "train.csv",
        "rows": 120,
        "sha256": splits["train"].sha256,
        "label_counts": dict.fromkeys(SENTIMENT, 40),
    }
    test = engine.record["metrics"]["test"]
    right = engine.predict(splits["test"].texts) == splits["test"].labels
    assert test["metrics"]["accuracy"] == right.mean() > 0.6
    interval = test["intervals"]["f1_macro"]
    assert interval["low"] < test["metrics"]["f1_macro"] < interval["high"]
    assert engine.calibration.to_dict() == engine.record["calibration"]["report"]["calibration"]
    assert len(engine.validation.confidence) == 90


def test_without_validation_rows_it_is_left_uncalibrated_and_untested(splits):
    engine = fit_baseline("logreg", {"train": splits["train"]}, SENTIMENT)
    assert engine.calibration.kind == "identity"
    assert engine.validation is None
    assert engine.record["metrics"] == {}


def test_rows_in_two_files_are_warned_of_and_recorded(splits):
    said = []
    engine = fit_baseline(
        "logreg", {"train": splits["train"], "test": splits["train"]}, SENTIMENT, say=said.append
    )
    (warning,) = engine.record["warnings"]
    assert warning.startswith("leakage: 120 test rows (100.0%) found in train too")
    assert f"⚠️  {warning}" in said


def test_options_reach_the_model_and_the_record(splits):
    engine = fit_baseline("svm", splits, SENTIMENT, options=QUICK)
    assert engine.runs == []
    assert not any(" " in phrase for phrase in engine.phrases)
    assert engine.details["max_features"] == QUICK.max_features


def test_the_same_rows_give_the_same_bytes_wherever_they_lie(splits, tmp_path):
    folders = []
    for place in ("here", "there"):
        (tmp_path / place).mkdir()
        moved = {}
        for split, rows in splits.items():
            path = tmp_path / place / rows.path.name
            path.write_bytes(rows.path.read_bytes())
            moved[split] = read_labelled(path, labels=LabelScheme())
        engine = fit_baseline("svm", moved, SENTIMENT)
        folders.append(save_engine(engine, tmp_path / place / "svm"))
    names = sorted(path.name for path in folders[0].iterdir())
    assert names == sorted(path.name for path in folders[1].iterdir())
    for name in names:
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes()


def test_the_card_says_what_was_measured(splits, tmp_path):
    engine = fit_baseline("svm", splits, SENTIMENT)
    card = (save_engine(engine, tmp_path / "svm") / "MODEL_CARD.md").read_text(encoding="utf-8")
    metrics = engine.record["metrics"]["test"]["metrics"]
    for part in (
        "# svm",
        "## Intended use",
        "## Limits",
        splits["train"].sha256,
        f"| macro-F1 | {metrics['f1_macro']:.4f} |",
        f"negative {metrics['f1']['negative']:.4f}",
        "Linear SVM, TF-IDF of words and characters",
    ):
        assert part in card


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"data": 3, "metrics": [], "warnings": {}},
        {"data": {"train": None, "x": {"rows": [1], "label_counts": 3, "file": "a|b\nc"}}},
        {"metrics": {"test": {"metrics": {"f1_macro": "much", "f1": 3}, "intervals": None}}},
        {"metrics": {"test": 5}},
    ],
)
def test_a_card_can_be_written_whatever_the_record_holds(splits, record, tmp_path):
    engine = fit_baseline("logreg", {"train": splits["train"]}, SENTIMENT)
    engine.record = record
    again = load_engine(save_engine(engine, tmp_path / "engine"))
    assert again.record == record
    assert "## Metrics" in (tmp_path / "engine" / "MODEL_CARD.md").read_text()


def test_training_rows_of_one_class_are_refused(tmp_path):
    rows = write(tmp_path / "train.csv", 10, 1, ("positive",))
    with pytest.raises(DataError, match=r"train\.csv: all rows are positive"):
        fit_baseline("svm", {"train": rows}, SENTIMENT)
