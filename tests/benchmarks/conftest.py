"""Made-up comments, and the benchmark scripts run as a user would run them."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
BENCHMARKS = ROOT / "benchmarks"
# The scripts import one another by name; last, so that they hide nothing.
sys.path.append(str(BENCHMARKS))

WORDS = {"negative": ["awful", "bad"], "neutral": ["table", "street"], "positive": ["good", "fun"]}
FILLING = ["the", "film", "was", "so", "very", "and", "day", "it", "we", "saw"]
Script = Callable[..., subprocess.CompletedProcess[str]]


def write_comments(path: Path, rows: int, seed: int) -> Path:
    """Write comments whose class mostly shows in a word."""
    rng = np.random.default_rng(seed)
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["text", "label"])
        for _ in range(rows):
            label = str(rng.choice(list(WORDS)))
            shown = label if rng.random() < 0.8 else str(rng.choice(list(WORDS)))
            words = [*rng.choice(FILLING, size=rng.integers(3, 9)), rng.choice(WORDS[shown])]
            table.writerow([" ".join(rng.permutation(words)), label])
    return path


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder of train.csv, val.csv and test.csv."""
    made = tmp_path_factory.mktemp("comments")
    for seed, (split, rows) in enumerate({"train": 240, "val": 60, "test": 60}.items()):
        write_comments(made / f"{split}.csv", rows, seed)
    return made


@pytest.fixture(scope="session")
def script() -> Script:
    """Run a script in a process of its own, on one thread."""

    def run(name: str, *arguments: object, check: bool = True) -> subprocess.CompletedProcess[str]:
        paths = os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")])
        done = subprocess.run(
            [sys.executable, str(BENCHMARKS / name), *map(str, arguments)],
            cwd=ROOT,
            env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": paths},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        if check:
            assert done.returncode == 0, done.stdout + done.stderr
        return done

    return run


def read_json(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))
