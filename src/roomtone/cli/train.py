"""`roomtone train`: train, test and plot a model."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from roomtone.cli.settings import add_settings, typed_flags

if TYPE_CHECKING:
    from roomtone.config import Config
    from roomtone.training.console import Console
    from roomtone.training.resume import Resume
    from roomtone.training.run import Outcome

SUMMARY = "train, test and plot a model from CSV files of labelled comments"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of this verb."""
    parser.add_argument(
        "--resume", metavar="PATH", type=Path, help="go on with a run: its folder or a checkpoint"
    )
    add_settings(parser)


def run(args: argparse.Namespace) -> int:
    """Run the whole of it; 130 where someone interrupted."""
    from roomtone.errors import require

    require("torch", extra="train", purpose="Training")
    from roomtone.config import load_config
    from roomtone.training.console import Console
    from roomtone.training.resume import Resume

    typed = typed_flags(args)
    resume = Resume.open(args.resume) if args.resume else None
    if resume:
        config = resume.configure(args.config, typed, args.sets)
    else:
        config = load_config(args.config, flags=typed, sets=args.sets)
    outcome = run_and_report(config, Console(quiet=args.quiet), resume)
    return 130 if outcome.stopped == "interrupted" else 0


def run_and_report(config: Config, console: Console, resume: Resume | None = None) -> Outcome:
    """Run a configuration and draw the figures and the report of what it leaves."""
    from roomtone.errors import MissingExtraError
    from roomtone.reports import write_report
    from roomtone.training.run import Run

    outcome = Run(config, console, resume).execute()
    if outcome.test is None:
        return outcome
    try:
        written = write_report(outcome.folder.root)
    except MissingExtraError as error:
        console.warn(f"{error} Then draw the figures with: roomtone report {outcome.folder}")
    else:
        console.always(f"✅ Figures and report: {written[-1]}")
    return outcome
