from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from roomtone.stats import bootstrap_interval, classification_metrics

sys.path.append(str(Path(__file__).parent))  # where what the tests share is found

MakeRun = Callable[..., Path]


@pytest.fixture
def make_run(tmp_path: Path) -> MakeRun:
    """A function that writes the folder of a finished run."""

    def make(**settings) -> Path:
        return write_run(tmp_path / settings.pop("name", "hybrid_dl_20260114_153045"), **settings)

    return make


def write_run(
    folder: Path,
    *,
    names: Sequence[str] = ("negative", "neutral", "positive"),
    rows: int = 300,
    skill: float = 2.2,
    epochs: int = 12,
    stopped: str | None = "early_stopping",
    max_len: int = 200,
    texts: Sequence[str] | None = None,
    with_texts: bool = True,
    with_probs: bool = True,
    data_report: bool = True,
    warnings: Sequence[str] = (),
) -> Path:
    folder.mkdir(parents=True)
    generator = np.random.default_rng(7)
    true, probs = _outputs(generator, rows, len(names), skill)
    predicted = probs.argmax(axis=1)
    _write(folder / "test_metrics.json", _evaluation(true, predicted, probs, names, warnings))
    _write(folder / "training_history.json", _history(epochs, stopped))
    _write(folder / "manifest.json", _manifest(rows))
    if data_report:
        _write(folder / "data_report.json", _data_report(generator, len(names), rows, max_len))
    (folder / "config.yaml").write_text(
        f"model:\n  max_len: {max_len}\ndata:\n  max_len: {max_len}\nseed: 42\n", encoding="utf-8"
    )
    if texts is None:
        texts = [f"Comment {row}: it's <b>fine</b>, I guess 🙂" for row in range(rows)]
    _predictions(folder / "predictions.csv", names, true, probs, texts if with_texts else None)
    if not with_probs:
        _drop_probabilities(folder / "predictions.csv")
    return folder


def _outputs(generator, rows, classes, skill):
    true = generator.integers(0, classes, rows)
    logits = generator.normal(size=(rows, classes))
    logits[np.arange(rows), true] += skill
    exponents = np.exp(1.4 * logits)
    return true, exponents / exponents.sum(axis=1, keepdims=True)


def _evaluation(true, predicted, probs, names, warnings):
    metrics = classification_metrics(true, predicted, len(names), probs)
    return {
        "split": "test",
        "file": "data/test.csv",
        "metrics": metrics.to_dict(names),
        "intervals": {
            metric: bootstrap_interval(true, predicted, len(names), metric).to_dict()
            for metric in ("f1_macro", "accuracy")
        },
        "warnings": list(warnings),
        "class_names": list(names),
    }


def _history(epochs, stopped):
    time = np.arange(1, epochs + 1)
    best = max(1, epochs - 7)
    val_f1 = 0.745 - 0.14 * np.exp(-time / 3) - 0.004 * np.maximum(time - best, 0)
    series = {
        "train_loss": 0.35 + 0.6 * np.exp(-time / 5),
        "train_accuracy": 0.93 - 0.32 * np.exp(-time / 5),
        "train_f1_macro": 0.92 - 0.33 * np.exp(-time / 5),
        "val_loss": 0.62 + 0.3 * np.exp(-time / 3) + 0.012 * np.maximum(time - best, 0),
        "val_accuracy": val_f1 + 0.01,
        "val_f1_macro": val_f1,
        "val_cohen_kappa": val_f1 - 0.15,
        "learning_rate": np.where(time > best + 3, 0.0005, 0.001),
    }
    return {
        "history": {name: np.round(values, 4).tolist() for name, values in series.items()},
        "metadata": {
            "saved_at": "2026-01-14T15:45:32",
            "total_epochs": epochs,
            "best_epoch": best,
            "monitor": "val_f1_macro",
            "best_value": float(round(val_f1[best - 1], 4)),
            "stopped": stopped,
        },
    }


def _data_report(generator, classes, rows, max_len):
    splits = {}
    for name, size in (("train", 8 * rows), ("val", rows), ("test", rows)):
        lengths = np.minimum(np.exp(generator.normal(3.1, 0.75, size)).astype(int) + 1, 600)
        counts, edges = np.histogram(lengths, bins=np.arange(0, lengths.max() + 6, 5))
        labels = np.bincount(generator.integers(0, classes, size), minlength=classes)
        points = {f"p{level}": float(np.percentile(lengths, level)) for level in (50, 90, 95, 99)}
        splits[name] = {
            "rows": size,
            "label_counts": {str(code): int(count) for code, count in enumerate(labels)},
            "length": {**points, "max": int(lengths.max())},
            "length_histogram": {"edges": edges.tolist(), "counts": counts.tolist()},
            "cut": float((lengths > max_len).mean()),
            "unknown": 0.031,
            "duplicates": {"exact": 4, "normalized": 6, "conflicting_texts": 1},
            "rejected": {"empty text": {"count": 2, "lines": [17, 40]}},
        }
    return {
        "splits": splits,
        "leakage": {"train/test": {"exact": 2, "normalized": 3, "conflicting": 0}},
        "warnings": ["3 test rows also stand in train; remove them"],
        "notes": ["12 texts hold HTML, which the tokeniser handles"],
    }


def _manifest(rows):
    return {
        "roomtone": "0.1.0",
        "python": "3.11.9",
        "packages": {"torch": "2.13.0", "numpy": "2.4.6"},
        "hardware": {"processor": "x86_64", "cores": 8, "memory_gb": 16},
        "seed": 42,
        "data": {
            name: {"file": f"data/{name}.csv", "sha256": 64 * digit, "rows": size}
            for name, digit, size in (("train", "a", 8 * rows), ("val", "b", rows))
        },
        "wall_seconds": {"data": 2.1, "training": 812.5, "test": 3.3},
        "command": ["roomtone", "train", "--config", "my configs/hybrid.yaml"],
        "threads": 4,
        "device": "cpu",
        "parameters": 7812345,
        "vectors": {"path": "embeddings/glove.6B.300d.txt", "coverage": 0.8734},
        "baseline": {"name": "TF-IDF + logistic regression", "f1_macro": 0.681},
    }


def _predictions(path, names, true, probs, texts):
    columns = ["row", "line", *(["text"] if texts else []), "label", "predicted", "confidence"]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*columns, *(f"p_{name}" for name in names)])
        for row, (code, shares) in enumerate(zip(true, probs, strict=True)):
            choice = int(shares.argmax())
            text = [texts[row % len(texts)]] if texts else []
            labels = [names[code], names[choice]]
            values = [f"{value:.6f}" for value in (shares[choice], *shares)]
            writer.writerow([row, row + 2, *text, *labels, *values])


def _drop_probabilities(path):
    with path.open(encoding="utf-8", newline="") as file:
        table = [row[:6] for row in csv.reader(file)]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(table)


def _write(path, values):
    path.write_text(json.dumps(values), encoding="utf-8")
