"""Minutes until the hybrid's validation macro-F1 passes that of the linear SVM on the same rows.

python benchmarks/passes.py --data DIR --vectors embeddings/glove.100d.txt

The SVM is the strong classical baseline: TF-IDF of words and characters. The hybrid's minutes
count all that comes after reading the file: vocabulary, encoding, vectors, training and validation.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from machine import describe_machine, machine_line
from ours import OurTraining
from rich.console import Console
from rows import Rows, add_data_arguments, encode, find_file, read_rows, vocabulary_of
from terminal import run, wide_console

from roomtone.baselines import build_baseline
from roomtone.config import Config, load_config
from roomtone.files import write_json
from roomtone.stats import classification_metrics

GUIDE, FAST = "the guide's configuration", "configs/fast.yaml"
VECTORS_DIM = 100


@dataclass(frozen=True)
class Bar:
    """What is to be passed, and what it took."""

    val_f1_macro: float
    seconds: float


@dataclass
class Attempt:
    """A hybrid's way to the bar: seconds since its start and macro-F1 after each epoch."""

    name: str
    passed: bool = False
    seconds: list[float] = field(default_factory=list)
    val_f1_macro: list[float] = field(default_factory=list)


def main() -> None:
    """Fit the SVM, then train each configuration until it is passed."""
    parser = _parser()
    args = parser.parse_args()
    files = [find_file(parser, args, split) for split in ("train", "val")]
    configs = _configs(args)
    torch.set_num_threads(args.threads)
    console = wide_console()
    console.print(machine_line(describe_machine()))
    train, val = read_rows(files[0], args.rows), read_rows(files[1])
    bar = svm_bar(train, val)
    console.print(
        f"Linear SVM on {len(train):,} rows: validation macro-F1 {bar.val_f1_macro:.4f}, "
        f"fitted in {bar.seconds:.1f} s"
    )
    attempts = [
        attempt(name, config, (train, val), bar, epochs=args.epochs, console=console)
        for name, config in configs.items()
    ]
    if args.json:
        results = {"bar": asdict(bar), "attempts": [asdict(found) for found in attempts]}
        write_json(args.json, {"machine": describe_machine(), "rows": len(train), **results})


def svm_bar(train: Rows, val: Rows) -> Bar:
    """Fit the linear SVM and score it."""
    began = time.perf_counter()
    model = build_baseline("svm").fit(train.texts, train.labels)
    spent = time.perf_counter() - began
    classes = max(*train.labels, *val.labels) + 1
    found = classification_metrics(val.labels, model.predict(val.texts), classes)
    return Bar(found.f1_macro, spent)


def attempt(
    name: str, config: Config, rows: tuple[Rows, Rows], bar: Bar, *, epochs: int, console: Console
) -> Attempt:
    """Train until the bar is passed, or the epochs are used up: those given or its own."""
    began = time.perf_counter()
    vocabulary = vocabulary_of(rows[0], config)
    train, val = (encode(part, vocabulary, config) for part in rows)
    training = OurTraining(config, train, val)
    found = Attempt(name)
    # Past its own last epoch the schedule has nothing left to give.
    epochs = min(epochs, config.training.max_epochs)
    while not found.passed and len(found.seconds) < epochs:
        score = training.epoch().val_f1_macro
        found.seconds.append(time.perf_counter() - began)
        found.val_f1_macro.append(score)
        found.passed = score > bar.val_f1_macro
        console.print(
            f"  {name}, epoch {len(found.seconds)}: macro-F1 {score:.4f} "
            f"after {found.seconds[-1] / 60:.2f} min"
        )
    ending = f"passed it after {found.seconds[-1] / 60:.2f} min" if found.passed else "not passed"
    console.print(f"{name}: {ending} in {len(found.seconds)} epochs")
    return found


def _configs(args: argparse.Namespace) -> dict[str, Config]:
    """Load the configurations; the vectors go to those of their width."""
    found = {}
    for name, path in {GUIDE: None, **{str(path): path for path in args.configs}}.items():
        config = load_config(path, sets=args.sets, check_files=False)
        if args.vectors and config.model.embedding_dim == VECTORS_DIM:
            more = [f"embeddings.path={args.vectors}"]
        else:
            more = ["training.freeze_epochs=0"]  # nothing that is worth keeping fixed
        config = load_config(path, sets=[*args.sets, *more], check_files=False)
        found[name] = config
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_data_arguments(parser, "train", "val")
    parser.add_argument("--rows", type=int, help="training rows, drawn at random (default: all)")
    parser.add_argument(
        "--epochs", type=int, default=15, help="the most to try (at most a configuration's own)"
    )
    parser.add_argument("--configs", type=Path, nargs="*", default=[Path(FAST)], help="YAML files")
    parser.add_argument("--vectors", type=Path, help="100-dimensional GloVe text file")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--set", dest="sets", metavar="KEY=VALUE", action="append", default=[])
    parser.add_argument("--json", type=Path, metavar="PATH", help="write everything here")
    return parser


if __name__ == "__main__":
    run(main)
