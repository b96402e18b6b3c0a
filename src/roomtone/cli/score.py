"""``roomtone score``: score the texts of a file of any size."""

from __future__ import annotations

import argparse
from contextlib import nullcontext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from roomtone.engines.scoring import Tally
    from roomtone.training.console import Console

SUMMARY = "score the texts of a CSV, JSON lines or Parquet file with a trained model"
INTERRUPTED = 130
FORMATS = ("csv", "jsonl", "parquet")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of this verb."""
    add = parser.add_argument
    add("model", metavar="MODEL", help="folder of a saved engine, or an engine's name")
    add("input", metavar="INPUT", help="file of comments, or - for standard input")
    add("output", metavar="OUTPUT", help="file that is written, or - for standard output")
    add("--text_column", default="text", metavar="NAME", help="column of texts (default: text)")
    add(
        "--columns",
        default="all",
        metavar="NAMES",
        help="columns of the input that are kept, as in text,id (default: all)",
    )
    add("--prefix", default="", metavar="P", help="stands before the names of the new columns")
    add("--abstain", type=float, metavar="SHARE", help="leave this share of hard texts undecided")
    add("--error_rate", type=float, metavar="RATE", help="add sets of labels that err this often")
    add(
        "--safe_for_spreadsheets",
        action="store_true",
        help="put an apostrophe before fields that a spreadsheet program would run as a formula",
    )
    add("--input_format", choices=FORMATS, help="format of the input (default: by its name)")
    add("--output_format", choices=FORMATS, help="format of the output (default: by its name)")
    add("--encoding", default="auto", metavar="CODEC", help="encoding of the input (default: auto)")
    add("--delimiter", default="auto", metavar="C", help="between fields of CSV (default: auto)")
    add(
        "--batch_size",
        type=_count,
        default=4096,
        metavar="N",
        help="texts at a time (default: 4096)",
    )
    add(
        "--chunk_rows",
        type=_count,
        default=8192,
        metavar="N",
        help="rows that are read, sorted by length and written together (default: 8192)",
    )
    add("--device", metavar="NAME", help="where the model computes: cpu, cuda, mps")
    add("--threads", type=_count, metavar="N", help="threads of the arithmetic")
    add("--overwrite", action="store_true", help="replace an output that is there")
    add("--restart", action="store_true", help="do not go on with what a killed process left")
    add("--quiet", action="store_true", help="show warnings and errors alone")


def run(args: argparse.Namespace) -> int:
    """Score the file; 130 where someone interrupted."""
    import sys

    from roomtone.cli.models import open_model
    from roomtone.cli.score_progress import ScoreProgress
    from roomtone.data.streams import STANDARD, ChunkSize, Layout
    from roomtone.engines.scoring import Stopped
    from roomtone.engines.stream import ScoreOptions, is_pipe, score_file
    from roomtone.training.console import Console
    from roomtone.training.interrupt import Interruption

    columns = None if args.columns == "all" else _names(args.columns)
    options = ScoreOptions(
        layout=Layout(args.text_column, columns, args.encoding, args.delimiter),
        input_format=args.input_format,
        output_format=args.output_format,
        prefix=args.prefix,
        abstain=args.abstain,
        error_rate=args.error_rate,
        safe_for_spreadsheets=args.safe_for_spreadsheets,
        batch_size=args.batch_size,
        size=ChunkSize(rows=args.chunk_rows),
        overwrite=args.overwrite,
        restart=args.restart,
    )
    console = Console(quiet=args.quiet, stream=sys.stderr)
    model = open_model(args.model, device=args.device, threads=args.threads)
    resumable = args.input != STANDARD and not is_pipe(args.output)
    # Where nothing can be gone on with, Ctrl-C need not wait for a batch, or for standard input.
    interruption = Interruption() if resumable else None
    # No bar where the rows themselves run over the terminal.
    bar = not (args.output == STANDARD and sys.stdout.isatty())
    with interruption or nullcontext(), ScoreProgress(console, bar=bar) as progress:
        try:
            tally = score_file(
                model.engine,
                args.input,
                args.output,
                options,
                model=model.facts,
                stop=lambda: interruption is not None and interruption.requested,
                watch=progress.update,
            )
        except Stopped:
            progress.close()
            console.always(
                f"stopped after {progress.rows:,} rows; give the same command again to go on"
            )
            return INTERRUPTED
        progress.close()
    name = "standard output" if args.output == STANDARD else args.output
    _report(console, progress.pace(), tally, name)
    return 0


def _report(console: Console, pace: str, tally: Tally, output: str) -> None:
    """Say what was found, and what could not be scored."""
    scored = tally.rows - tally.bad
    shares = [f"{name} {100 * n / scored:.1f} %" for name, n in sorted(tally.labels.items())]
    for name, count in (("undecided", tally.undecided), ("nothing known", tally.unknown)):
        shares += [f"{name} {100 * count / scored:.1f} %"] if count else []
    console.say(f"✅ {output}: {pace}" + (f" ({', '.join(shares)})" if shares else ""))
    if tally.bad:
        more = "; …" if tally.bad > len(tally.first) else ""
        console.warn(
            f"{tally.bad:,} of {tally.rows:,} rows could not be scored, and have status bad: "
            f"{'; '.join(tally.first)}{more}"
        )
    if tally.beyond:
        console.warn(
            f"{tally.beyond:,} rows have keys that the first rows lack and that were left out; "
            "write to a .jsonl file to keep them"
        )


def _names(given: str) -> tuple[str, ...]:
    from roomtone.cli.parser import UsageError, listed

    names = tuple(dict.fromkeys(listed(given)))
    if not names:
        raise UsageError(f"--columns: {given!r} names no column; expected all, or as in text,id")
    return names


def _count(given: str) -> int:
    if not given.isdecimal() or not int(given):
        raise argparse.ArgumentTypeError(f"{given!r} is no number above 0")
    return int(given)
