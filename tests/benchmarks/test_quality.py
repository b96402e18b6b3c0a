from __future__ import annotations

import json
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytestmark = pytest.mark.slow
PEERS = {"fastText": "fasttext", "VADER": "vaderSentiment"}


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("vectors") / "glove.txt"
    rng = np.random.default_rng(0)
    words = ["good", "fun", "bad", "awful", "film", "never-seen"]
    path.write_text("".join(f"{w} {' '.join(map(str, rng.normal(size=8)))}\n" for w in words))
    return path


@pytest.fixture(scope="module")
def options(folder: Path, vectors: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    files = [(f"--{split}_csv", folder / f"{split}.csv") for split in ("train", "val", "test")]
    work = tmp_path_factory.mktemp("quality")
    tiny = ["--configs", "configs/tiny.yaml", "--set", "training.max_epochs=2"]
    # As the shipped configurations have them: what is read back holds more than plain words.
    tiny += ["--set", "model.subwords.buckets=500", "--set", "embeddings.extra_words=6"]
    return ["quality.py", *chain(*files), "--vectors", vectors, *tiny, "--work", work]


@pytest.fixture(scope="module")
def measured(script: Any, options: list[Any]) -> dict[str, Any]:
    script(*options)
    work = options[-1]
    found = json.loads((work / "quality.json").read_text("utf-8"))
    by_name = {entry["name"]: entry for entry in found["candidates"]}
    return {**found, "candidates": by_name, "work": work}


def test_every_model_is_scored_with_an_interval_about_its_score(measured: Any) -> None:
    wanted = {
        "Naive Bayes, words",
        "Logistic regression, words",
        "Linear SVM, words and characters",
        "Hybrid, tiny",
        "Hybrid, tiny + SVM",
    }
    if all(map(find_spec, PEERS.values())):
        wanted |= {"VADER", "fastText", "fastText, word vectors"}
    assert wanted <= set(measured["candidates"])
    for found in measured["candidates"].values():
        for metric, interval in found["intervals"].items():
            assert interval["low"] - 0.05 <= found["test"][metric] <= interval["high"] + 0.05
        assert found["texts_per_second"] > 0
        assert found["megabytes"] > 0


def test_differences_are_to_the_baseline_that_is_best_on_the_validation_rows(measured: Any) -> None:
    found = measured["candidates"]
    baselines = [entry for entry in found.values() if entry["kind"] == "baseline"]
    best = found[measured["best_baseline"]]
    assert best["val"]["f1_macro"] == max(entry["val"]["f1_macro"] for entry in baselines)
    assert best["difference"] is None
    for entry in found.values():
        if entry is not best:
            difference = entry["test"]["f1_macro"] - best["test"]["f1_macro"]
            assert entry["difference"]["value"] == pytest.approx(difference)


def test_the_hybrids_score_is_that_of_its_own_run(measured: Any) -> None:
    run = measured["work"] / "runs" / "tiny"
    told = json.loads((run / "test_metrics.json").read_text("utf-8"))["metrics"]
    found = measured["candidates"]["Hybrid, tiny"]
    for metric, value in found["test"].items():
        assert value == pytest.approx(told[metric])
    history = json.loads((run / "training_history.json").read_text("utf-8"))["history"]
    assert found["history"]["val_f1_macro"] == history["val_f1_macro"]
    assert found["val"]["f1_macro"] == pytest.approx(max(history["val_f1_macro"]))


def test_table_and_figures_are_written(measured: Any) -> None:
    table = (measured["work"] / "quality.md").read_text("utf-8")
    rows = [line for line in table.splitlines() if line.startswith("| ")]
    assert len(rows) == 2 + len(measured["candidates"])
    assert len({row.count("|") for row in rows}) == 1
    for name in ("learning_curves", "quality_and_minutes"):
        for suffix in ("png", "pdf"):
            path = measured["work"] / "figures" / f"{name}.{suffix}"
            assert path.stat().st_size > 1000


def test_a_run_of_other_settings_is_not_taken_for_this_one(
    measured: Any, script: Any, options: list[Any]
) -> None:
    done = script(*options, "--set", "training.max_epochs=3", check=False)
    assert done.returncode == 1
    assert "differs in training.max_epochs" in done.stderr
    assert "--fresh" in done.stderr


def test_a_finished_run_is_used_again(measured: Any, script: Any, options: list[Any]) -> None:
    model = measured["work"] / "runs" / "tiny" / "final_model.pt"
    before = model.stat().st_mtime_ns
    script(*options)
    assert model.stat().st_mtime_ns == before
