"""Engines of every kind, fitted on invented comments in which one word decides the class."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import pytest
from torch_kept import torch_kept

from roomtone.baselines import build_baseline
from roomtone.config import load_config
from roomtone.engines import SentimentEngine
from roomtone.engines.ensemble import EnsembleEngine
from roomtone.engines.hybrid import HybridDLSentimentEngine
from roomtone.engines.onnx import OnnxEngine
from roomtone.engines.stacking_fit import stack_fitted
from roomtone.engines.tfidf import TfidfEngine
from roomtone.export import Trained, build_model
from roomtone.labels import SENTIMENT
from roomtone.training.console import Console
from roomtone.training.run import Run

TINY = Path(__file__).parents[2] / "configs" / "tiny.yaml"
DECIDES = ("mirk", "plod", "glim")  # negative, neutral, positive
# With few filters and judged by its loss, the network has to find the word by attention, too.
SETS = ["tensorboard.enabled=false", "training.early_stopping.monitor=val_loss"]
SETS += ["model.cnn.num_filters=3", "data.vocab_min_freq=2"]
FILLING = ["the", "video", "song", "really", "today", "channel", "people", "so", "with", "very"]


def comment(source: random.Random, label: int) -> str:
    words = [source.choice(FILLING) for _ in range(source.randint(5, 30))]
    words.insert(source.randint(0, len(words)), DECIDES[label])
    return " ".join(words)


def comments(rows: int, seed: int) -> tuple[list[str], list[int]]:
    source = random.Random(seed)
    labels = [row % 3 for row in range(rows)]
    return [comment(source, label) for label in labels], labels


@pytest.fixture(scope="session", autouse=True)
def _one_thread():
    with torch_kept(threads=1):
        yield


def train(root: Path, seed: int) -> Path:
    for split, rows in {"train": 240, "val": 60}.items():
        with (root / f"{split}.csv").open("w", encoding="utf-8", newline="") as stream:
            table = csv.writer(stream)
            table.writerow(["text", "label"])
            texts, labels = comments(rows, seed=rows)
            table.writerows(zip(texts, (SENTIMENT[label] for label in labels), strict=True))
    config = load_config(
        TINY,
        flags={"train_csv": str(root / "train.csv"), "val_csv": str(root / "val.csv")}
        | {
            "output_dir": str(root / "output"),
            "experiment_name": f"seed-{seed}",
            "seed": str(seed),
        },
        sets=[*SETS, "training.max_epochs=12"],
    )
    return Run(config, Console(quiet=True)).execute().folder.root


@pytest.fixture(scope="session")
def run(tmp_path_factory) -> Path:
    """The folder of a run on such comments."""
    return train(tmp_path_factory.mktemp("planted"), seed=1)


@pytest.fixture(scope="session")
def other_run(tmp_path_factory) -> Path:
    """The same with another seed."""
    return train(tmp_path_factory.mktemp("planted"), seed=2)


@pytest.fixture(scope="session")
def hybrid(run) -> HybridDLSentimentEngine:
    return HybridDLSentimentEngine(run)


def baseline(name: str) -> TfidfEngine:
    pipeline = build_baseline(name).fit(*comments(240, seed=240))
    return TfidfEngine.from_pipeline(pipeline, name, SENTIMENT)


@pytest.fixture(scope="session")
def svm() -> TfidfEngine:
    return baseline("svm")


@pytest.fixture(scope="session")
def engines(hybrid, svm) -> dict[str, SentimentEngine]:
    """An engine of each kind, by its name."""
    members = {"logreg": baseline("logreg"), "svm": svm}
    source = Trained(hybrid.model.network, hybrid.model.config, hybrid.model.vocabulary)
    onnx = OnnxEngine(
        "onnx",
        SENTIMENT,
        model=build_model(source.weights()).SerializeToString(),
        vocabulary=source.vocabulary,
        max_len=source.config.max_len,
    )
    stacked = stack_fitted(members, *comments(60, seed=60)).engine
    return {
        "hybrid": hybrid,
        "onnx": onnx,
        "svm": svm,
        "logreg": members["logreg"],
        "tfidf": baseline("tfidf"),
        "ensemble": EnsembleEngine({"svm": svm, "hybrid": hybrid}),
        "stacking": stacked,
    }


@pytest.fixture(scope="session")
def labelled() -> tuple[list[str], list[int]]:
    """Comments that no engine was fitted on."""
    return comments(60, seed=7)
