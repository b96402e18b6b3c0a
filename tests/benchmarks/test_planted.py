from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("cleanlab")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def long_comments(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Comments that are long enough to take faults, each once."""
    folder = tmp_path_factory.mktemp("long")
    rng = np.random.default_rng(0)
    words = ["".join(word) for word in rng.choice(list("abcdefghij"), (300, 6))]
    paths = []
    for split, rows in (("train", 500), ("val", 90), ("test", 120)):
        paths.append(folder / f"{split}.csv")
        lines = [
            f"{' '.join(rng.choice(words, 14))},{rng.choice(['positive', 'negative'])}\n"
            for _ in range(rows)
        ]
        paths[-1].write_text("text,label\n" + "".join(lines))
    return paths


def test_planted_faults_are_found_and_nothing_else(
    long_comments: list[Path], script: Any, tmp_path: Path
) -> None:
    names = ("--train_csv", "--val_csv", "--test_csv")
    named = [word for pair in zip(names, long_comments, strict=True) for word in pair]
    script("planted.py", *named, "--each", 30, "--rows", 500, "--work", tmp_path)
    results = json.loads((tmp_path / "planted.json").read_text("utf-8"))
    found = {row["kind"]: row for row in results["kinds"]}
    exact = {"leak", "conflict", "duplicate", "html", "escapes", "mixed_scripts", "unknown_label"}
    exact |= {"lost_characters", "control_characters", "invisible_characters", "empty", "no_token"}
    for kind in exact:
        assert (found[kind]["precision"], found[kind]["recall"]) == (1, 1), kind
    for kind in ("near_leak", "near_duplicate", "template", "mojibake"):
        assert found[kind]["recall"] >= 0.8, kind
        assert found[kind]["precision"] >= 0.8, kind
    assert results["timing"]["rows"] == 500
    assert results["timing"]["all_seconds"] > 0
