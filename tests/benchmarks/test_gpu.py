from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from invented import MEAN_LENGTH, invented_rows

LOOPS = ["roomtone, fp32", "roomtone, bf16", "usual, packed", "usual, padded to 40"]


def test_invented_rows_have_the_lengths_and_the_frequent_words_of_comments() -> None:
    rows = invented_rows(4000, seed=1)
    lengths = np.array([len(text.split()) for text in rows.texts])
    assert lengths.mean() == pytest.approx(MEAN_LENGTH, rel=0.05)
    assert lengths.min() < 8
    assert lengths.max() > 80
    words = " ".join(rows.texts).split()
    ratio = words.count("w0") / words.count("w9")
    assert ratio == pytest.approx(10, rel=0.2)
    assert set(rows.labels) == {0, 1, 2}
    assert invented_rows(4000, seed=1) == rows


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device here")
def test_without_a_gpu_one_message_says_so_and_what_can_be_tried(script: Any) -> None:
    done = script("gpu.py", check=False)
    assert done.returncode == 2
    assert "sees no CUDA device here" in done.stderr
    assert "--device cpu" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_every_loop_is_measured_at_every_size_of_a_batch(
    script: Any, tmp_path: Path, device: str
) -> None:
    path = tmp_path / "out.json"
    small = ("--rows", 64, "--epochs", 1, "--batch_sizes", 16, 32, "--config", "configs/tiny.yaml")
    script("gpu.py", "--device", device, *small, "--json", path)
    speeds = json.loads(path.read_text("utf-8"))["speeds"]
    assert [(each["loop"], each["batch_size"]) for each in speeds] == [
        (loop, size) for size in (16, 32) for loop in LOOPS
    ]
    for each in speeds:
        assert each["epoch_seconds"] == pytest.approx(8000 / each["median"])
        assert (each["peak_mib"] is None) == (device == "cpu")
