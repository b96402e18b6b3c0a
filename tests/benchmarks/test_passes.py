from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow


def test_an_attempt_ends_with_the_epoch_that_passes_or_with_the_last(
    script: Any, folder: Path, tmp_path: Path
) -> None:
    path = tmp_path / "out.json"
    options = ("--epochs", 2, "--set", "training.batch_size=8", "--set", "model.embedding_dim=16")
    small = ("--set", "embeddings.dim=16", "--set", "model.cnn.num_filters=4")
    tiny = ("--configs", "configs/tiny.yaml")
    done = script("passes.py", "--data", folder, *options, *small, *tiny, "--json", path)
    found = json.loads(path.read_text("utf-8"))
    bar = found["bar"]["val_f1_macro"]
    assert 0 < bar <= 1
    assert found["bar"]["seconds"] > 0
    assert [attempt["name"] for attempt in found["attempts"]] == [
        "the guide's configuration",
        "configs/tiny.yaml",
    ]
    for attempt in found["attempts"]:
        scores, seconds = attempt["val_f1_macro"], attempt["seconds"]
        assert len(scores) == len(seconds) <= 2
        assert seconds == sorted(seconds)
        assert attempt["passed"] == (scores[-1] > bar)
        assert all(score <= bar for score in scores[:-1])
        assert attempt["passed"] or len(scores) == 2
        said = "passed it after" if attempt["passed"] else "not passed in 2 epochs"
        assert f"{attempt['name']}: {said}" in done.stdout


def test_a_missing_configuration_ends_it_before_anything_is_fitted(
    script: Any, folder: Path
) -> None:
    done = script("passes.py", "--data", folder, "--configs", "none.yaml", check=False)
    assert done.returncode == 1
    assert "none.yaml: no such file" in done.stderr
    assert "Traceback" not in done.stderr
    assert "SVM" not in done.stdout
