"""``roomtone fit-baseline svm --train_csv train.csv``: a classical model as a saved engine."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from roomtone.cli.labelled import SPLITS, add_columns, read_rows

if TYPE_CHECKING:
    from roomtone.baselines import TfidfOptions
    from roomtone.data.tables import LabelledTexts
    from roomtone.engines.tfidf import TfidfEngine

SUMMARY = "fit a classical model (logreg, svm, tfidf) and save it as an engine"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of this verb."""
    parser.add_argument(
        "name",
        choices=["logreg", "svm", "tfidf"],
        help="logistic regression on words, linear SVM on words and characters, or naive Bayes "
        "on words",
    )
    purposes = {
        "train": "the rows that it is fitted on",
        "val": "rows that its probabilities are calibrated on",
        "test": "rows that it is tested on",
    }
    for split, purpose in purposes.items():
        parser.add_argument(
            f"--{split}_csv", type=Path, required=split == "train", metavar="PATH", help=purpose
        )
    add_columns(parser)
    parser.add_argument(
        "--classes",
        type=_names,
        metavar="NAME,NAME",
        help="the classes, in the order of their codes (default: negative,neutral,positive)",
    )
    parser.add_argument(
        "--output_dir",
        type=Path,
        metavar="DIR",
        help="folder of the engine; a saved engine there is replaced (default: models/NAME)",
    )
    parser.add_argument("--seed", type=int, default=42, metavar="N", help="seed (default: 42)")
    group = parser.add_argument_group("Features and model")
    group.add_argument(
        "--quick",
        action="store_true",
        help="a small and fast one: single words alone, the 5,000 most frequent; what is typed "
        "besides comes before it",
    )
    group.add_argument("--max_ngram", type=int, metavar="N", help="longest phrase (default: 2)")
    group.add_argument(
        "--characters",
        choices=["yes", "no"],
        help="whether runs of 3 to 5 characters are features (default: yes for svm alone)",
    )
    group.add_argument(
        "--max_features", type=int, metavar="N", help="keep the most frequent ones (default: all)"
    )
    group.add_argument(
        "--min_df", type=int, metavar="N", help="rows that must have it (default: 1)"
    )
    group.add_argument("--C", type=float, metavar="X", help="inverse regularisation")
    group.add_argument("--alpha", type=float, metavar="X", help="smoothing of tfidf (default: 0.1)")
    group.add_argument(
        "--unbalanced", action="store_true", help="let frequent classes weigh more than rare ones"
    )


def run(args: argparse.Namespace) -> int:
    """Fit, calibrate, test and save, and print what came of it.

    Raises
    ------
    RoomtoneError
        If a file or an option cannot be used, or the folder holds something else.
    """
    from roomtone.engines import save_engine
    from roomtone.engines.fitting import fit_baseline
    from roomtone.engines.saving import check_target
    from roomtone.labels import SENTIMENT

    options = _options(args)
    classes = args.classes or SENTIMENT
    target = args.output_dir or Path("models") / args.name
    check_target(target)
    splits: dict[str, LabelledTexts] = {}
    for flag, split in SPLITS.items():
        path = getattr(args, f"{flag}_csv")
        if path is not None:
            splits[split] = read_rows(path, args, classes)
    engine = fit_baseline(args.name, splits, classes, options=options, seed=args.seed, say=_say)
    save_engine(engine, target)
    _print_metrics(engine)
    if "validation" not in splits:
        print(
            "Without --val_csv its probabilities are not calibrated; later: "
            f"roomtone calibrate {target} --val_csv val.csv"
        )
    print(f"✅ Engine saved to: {target}")
    print(f'   roomtone predict {target} "What a lovely song!"')
    return 0


def _options(args: argparse.Namespace) -> TfidfOptions:
    from dataclasses import replace

    from roomtone.baselines import QUICK, TfidfOptions

    typed = {
        name: getattr(args, name)
        for name in ("max_ngram", "max_features", "min_df", "C", "alpha")
        if getattr(args, name) is not None
    }
    if args.characters is not None:
        typed["characters"] = args.characters == "yes"
    if args.unbalanced:
        typed["balanced"] = False
    return replace(QUICK if args.quick else TfidfOptions(), **typed)


def _names(given: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in given.split(","))
    if len(names) < 2 or not all(names) or len({name.lower() for name in names}) < len(names):
        raise argparse.ArgumentTypeError(f"{given!r}: expected two different names or more")
    return names


def _say(line: str) -> None:
    # On standard error: the result alone goes to standard output.
    print(line, file=sys.stderr)


def _print_metrics(engine: TfidfEngine) -> None:
    for split, measured in engine.record["metrics"].items():
        metrics, interval = measured["metrics"], measured["intervals"]["f1_macro"]
        print(
            f"{split:>10}: macro-F1 {metrics['f1_macro']:.4f} "
            f"({interval['low']:.4f} to {interval['high']:.4f}), "
            f"accuracy {metrics['accuracy']:.4f}, log loss {metrics['log_loss']:.4f}, "
            f"calibration error {metrics['ece']:.4f}"
        )
