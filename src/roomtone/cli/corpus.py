"""``roomtone corpus vader``: a ready-made corpus as CSV files."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from roomtone.data.corpora import CorpusSummary

SUMMARY = "write a ready-made, human-rated corpus as train.csv, val.csv and test.csv"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of this verb."""
    parser.add_argument(
        "name",
        choices=["vader"],
        help="the corpus; vader: 23,700 sentences from tweets, reviews and editorials",
    )
    parser.add_argument(
        "--output_dir", required=True, metavar="DIR", help="folder that the files are written to"
    )
    parser.add_argument(
        "--threshold",
        type=float,
        default=0.5,
        metavar="X",
        help="mean ratings from -X to X are neutral, on a scale from -4 to 4 (default: 0.5)",
    )
    parser.add_argument(
        "--seed", type=int, default=42, metavar="N", help="seed of the split (default: 42)"
    )
    parser.add_argument(
        "--cache_dir",
        metavar="DIR",
        help="folder that keeps the download (default: $ROOMTONE_CACHE, or your cache folder)",
    )


def run(args: argparse.Namespace) -> int:
    """Build the corpus and print what it holds."""
    from rich.console import Console

    from roomtone.data.corpora import build_vader_corpus

    console = Console()
    with console.status("Getting the corpus"):
        summary = build_vader_corpus(
            args.output_dir, threshold=args.threshold, seed=args.seed, cache_dir=args.cache_dir
        )
    _print(console, summary)
    return 0


def _print(console: Console, summary: CorpusSummary) -> None:
    from rich.table import Table

    from roomtone.labels import SENTIMENT

    table = Table(title=f"Rows (neutral: -{summary.threshold:g} to {summary.threshold:g})")
    table.add_column("split")
    table.add_column("source")
    for heading in (*SENTIMENT, "total"):
        table.add_column(heading, justify="right")
    for split, source, counts in summary.table():
        cells = [f"{count:,}" for count in (*counts, sum(counts))]
        table.add_row(split, source, *cells, end_section=source == "all")
    console.print(table)
    state = "Already there" if summary.already_there else "Written"
    # Not through rich, which would fold long paths and read brackets in them as markup.
    print(f"{state}:")
    for path in (*summary.files.values(), summary.output_dir / "SOURCE.md"):
        print(f"  {path}")
