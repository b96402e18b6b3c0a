"""``roomtone report``: draw the figures and the report of a finished run again."""

from __future__ import annotations

import argparse
from pathlib import Path

SUMMARY = "draw the figures and the HTML report of a finished run again"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument(
        "run",
        type=Path,
        metavar="RUN",
        help="the run's folder, which training printed as its output directory",
    )


def run(args: argparse.Namespace) -> int:
    """Write the files, print their paths, and return the exit status.

    Raises
    ------
    RoomtoneError
        If the folder is not that of a finished run, or a file in it is damaged.
    """
    from roomtone.reports import write_report

    *figures, report = write_report(args.run)
    print(f"✅ {len(figures)} figures saved to: {args.run / 'figures'}")
    for path in figures:
        print(f"   {path.name}")
    print(f"✅ Report saved to: {report}")
    return 0
