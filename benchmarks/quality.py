"""Quality of the hybrids against the baselines that a reader would try first, on one split.

python benchmarks/quality.py --configs configs/fast.yaml configs/best.yaml

Without files of your own it takes the corpus and the word vectors of `roomtone demo`. Everything
is chosen on the validation rows; the test rows are scored for the final table alone.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

# Before the tokenisers start: texts a second are those of one core.
os.environ["RAYON_NUM_THREADS"] = "1"

from candidates import Candidate, Splits, average
from classical import NAMES, classical
from hybrids import hybrid, is_there, run_config
from machine import describe_machine, machine_line
from peers import fasttext, vader
from quality_figures import write_quality_figures
from quality_table import console_table, markdown_table
from rich.console import Console
from rows import read_rows
from scores import score_all
from terminal import run, wide_console
from vectors import width_of

from roomtone.config import Config
from roomtone.data.corpora import build_vader_corpus
from roomtone.data.pretrained import build_glove_100d
from roomtone.errors import MissingExtraError
from roomtone.files import write_bytes, write_json
from roomtone.labels import LabelScheme

SPLITS = ("train", "val", "test")
CONFIGS = [Path("configs/fast.yaml"), Path("configs/best.yaml")]


def main() -> None:
    """Fit everything, score it once, and write tables and figures."""
    parser = _parser()
    args = parser.parse_args()
    files = _files(parser, args)
    vectors = _vectors(args)
    configs = [
        run_config(path, files, args.work, vectors, seed=args.seed, sets=args.sets)
        for path in args.configs
    ]
    if not args.fresh:
        for config in configs:
            is_there(config)  # refuses what cannot be used again before anything is fitted
    console = wide_console()
    console.print(machine_line(describe_machine()))
    rows = Splits(*(read_rows(files[split]) for split in SPLITS))
    console.print(", ".join(f"{split} {len(getattr(rows, split)):,} rows" for split in SPLITS))
    candidates = fit_all(args, rows, configs, vectors, console)
    scored, best = score_all(
        candidates, rows.val, rows.test, LabelScheme().num_classes, seed=args.seed
    )
    console.print(console_table(scored, best))
    results = {
        "machine": describe_machine(),
        "seed": args.seed,
        "rows": {split: len(getattr(rows, split)) for split in SPLITS},
        "best_baseline": best,
        "candidates": [found.to_dict() for found in scored],
    }
    write_json(args.json or args.work / "quality.json", results)
    markdown = args.work / "quality.md"
    write_bytes(markdown, markdown_table(scored, best).encode())
    figures = write_quality_figures(scored, args.work / "figures")
    console.print("Written:", markdown, *figures)


def fit_all(
    args: argparse.Namespace,
    rows: Splits,
    configs: list[Config],
    vectors: tuple[Path, int] | None,
    console: Console,
) -> list[Candidate]:
    """Fit everything on the training rows, choosing by the validation rows."""
    found = []

    def add(candidate: Candidate) -> Candidate:
        note = f" ({candidate.note})" * bool(candidate.note)
        console.print(f"  {candidate.name}: {candidate.training_seconds:.1f} s{note}")
        found.append(candidate)
        return candidate

    fitted = {name: add(classical(name, rows, seed=args.seed)) for name in NAMES}
    try:
        add(fasttext(rows, None, seed=args.seed))
        if vectors is not None:
            add(fasttext(rows, vectors[0], seed=args.seed))
        add(vader(rows))
    except MissingExtraError as error:
        console.print(f"  Left out: {error}")
    for config in configs:
        trained = add(hybrid(config, fresh=args.fresh, quiet=not args.verbose))
        add(average(f"{trained.name} + SVM", trained, fitted["svm"]))
    return found


def _files(parser: argparse.ArgumentParser, args: argparse.Namespace) -> dict[str, Path]:
    given = {split: getattr(args, f"{split}_csv") for split in SPLITS}
    if not any(given.values()):
        build_vader_corpus(args.work / "data")
        return {split: args.work / "data" / f"{split}.csv" for split in SPLITS}
    for split, path in given.items():
        if path is None or not path.is_file():
            parser.error(f"--{split}_csv {path}: give a file for each of {', '.join(SPLITS)}")
    return given


def _vectors(args: argparse.Namespace) -> tuple[Path, int] | None:
    if args.no_vectors:
        return None
    path = args.vectors or build_glove_100d(args.work / "vectors")
    return path, width_of(path)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for split in SPLITS:
        parser.add_argument(f"--{split}_csv", type=Path, metavar="PATH")
    parser.add_argument("--configs", type=Path, nargs="*", default=CONFIGS, help="YAML files")
    parser.add_argument("--vectors", type=Path, help="word vectors as plain text (default: GloVe)")
    parser.add_argument("--no_vectors", action="store_true", help="do without word vectors")
    parser.add_argument("--work", type=Path, default=Path("output/quality"), help="where to")
    parser.add_argument("--fresh", action="store_true", help="train anew what is there already")
    parser.add_argument("--verbose", action="store_true", help="show how the hybrids train")
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--set", dest="sets", metavar="KEY=VALUE", action="append", default=[])
    parser.add_argument("--json", type=Path, metavar="PATH", help="(default: WORK/quality.json)")
    return parser


if __name__ == "__main__":
    run(main)
