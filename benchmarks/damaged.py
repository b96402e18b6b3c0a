"""Small engines of every kind, for their files to be damaged."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import numpy as np

from roomtone.cli.main import main
from roomtone.engines import load_engine, save_engine
from roomtone.engines.ensemble import EnsembleEngine
from roomtone.engines.stacking import StackingEngine
from roomtone.stats.logistic import LogisticModel

TEXTS = ["a great great film", "awful, so awful", "table and street", "zzz", ""]
WORDS = {"negative": "awful bad", "neutral": "table street", "positive": "great good"}
ROOT = Path(__file__).parents[1]


def tfidf(place: Path) -> Path:
    """Save an SVM, calibrated and tested."""
    return _baseline(place, "svm")


def ensemble(place: Path) -> Path:
    """Save a vote of two baselines."""
    names = ("logreg", "tfidf")
    members = {name: load_engine(_baseline(place, name)) for name in names}
    return save_engine(EnsembleEngine(members, {"logreg": 0.3, "tfidf": 0.7}), place / "ensemble")


def stacking(place: Path) -> Path:
    """Save two baselines under a logistic model."""
    members = {name: load_engine(_baseline(place, name)) for name in ("logreg", "svm")}
    draw = np.random.default_rng(1)
    meta = LogisticModel(draw.normal(size=(3, 6)), draw.normal(size=3))
    return save_engine(StackingEngine(members, meta), place / "stacking")


def run(place: Path) -> Path:
    """Train a network."""
    target = place / "runs" / "tiny"
    if not target.exists():
        files = [f"--{split}_csv={_rows(place, split)}" for split in ("train", "val")]
        flags = [f"--config={ROOT / 'configs' / 'tiny.yaml'}", f"--output_dir={target.parent}"]
        flags += ["--experiment_name=tiny", "--max_epochs=1", "--quiet", "--device=cpu"]
        flags += ["--set=tensorboard.enabled=false"]
        _command("train", *files, *flags)
        shutil.rmtree(target / "checkpoints", ignore_errors=True)
    return target


def hybrid(place: Path) -> Path:
    """Save that run as an engine."""
    from roomtone.engines import get_sentiment_engine

    engine = get_sentiment_engine("hybrid_dl", model_path=run(place))
    return save_engine(engine, place / "hybrid")


def onnx(place: Path) -> Path:
    """Export that run."""
    target = place / "onnx"
    _command("export", str(run(place)), "--onnx", f"--output_dir={target}")
    return target


MAKERS: dict[str, Callable[[Path], Path]] = {
    function.__name__: function for function in (tfidf, ensemble, stacking, hybrid, run, onnx)
}


def _baseline(place: Path, name: str) -> Path:
    target = place / name
    if not target.exists():
        files = [f"--{split}_csv={_rows(place, split)}" for split in ("train", "val")]
        _command("fit-baseline", name, *files, f"--output_dir={target}", "--max_features=60")
    return target


def _rows(place: Path, split: str) -> Path:
    """Write comments whose class mostly shows in a word."""
    path = place / f"{split}.csv"
    draw = random.Random(split)
    lines = ["text,label"]
    for number in range(90):
        label = list(WORDS)[number % 3]
        told = label if draw.random() < 0.8 else draw.choice(list(WORDS))
        filling = draw.choice(("the", "so", "film"))
        words = [draw.choice(WORDS[told].split()), filling, f"{split}{number}"]
        lines.append(f"{' '.join(words)},{label}")
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def _command(*arguments: str) -> None:
    said = StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        code = main(list(arguments))
    if code:
        raise SystemExit(f"roomtone {' '.join(arguments)}: {said.getvalue()}")
