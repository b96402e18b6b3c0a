from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from torch_kept import torch_kept

from roomtone.engines.hybrid_files import read_run
from roomtone.export import Trained

TEXTS = ["the movie was good", "so bad it hurts", "don't!!! 😡", "okay, plain and long winded"]
SMALL = {
    "embedding_dim": 12,
    "max_len": 30,
    "cnn": {"filter_sizes": [3, 4, 5], "num_filters": 6},
    "bilstm": {"hidden_size": 8, "num_layers": 1},
    "attention": {"num_heads": 4},
    "classifier": {"hidden_sizes": [10], "dropout": [0.5]},
}


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    with torch_kept(threads=1):
        yield


@pytest.fixture
def make_run(tmp_path: Path, write_model: Callable[..., Path]) -> Callable[..., Trained]:
    """A function that makes a run with random weights; sizes as in the configuration."""

    def make(extra: list[str] = (), **sizes: Any) -> Trained:
        model = read_run(write_model(tmp_path / "run", TEXTS, extra, **{**SMALL, **sizes}), None)
        return Trained(model.network, model.config, model.vocabulary)

    return make
