"""`roomtone train`: train, test and plot a model."""

from __future__ import annotations

import argparse
from pathlib import Path

from roomtone.config.flags import FLAGS

SUMMARY = "train, test and plot a model from CSV files of labelled comments"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add every flag; a flag that is not typed leaves its key to the YAML file or the default."""
    parser.add_argument("--config", metavar="PATH", type=Path, help="YAML file of settings")
    parser.add_argument(
        "--resume", metavar="PATH", type=Path, help="go on with a run: its folder or a checkpoint"
    )
    parser.add_argument(
        "--set",
        dest="sets",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="set any key of the configuration, as in --set model.cnn.dropout=0.2",
    )
    parser.add_argument("--quiet", action="store_true", help="show warnings and results only")
    groups: dict[str, argparse._ArgumentGroup] = {}
    for flag in FLAGS:
        if flag.group not in groups:
            groups[flag.group] = parser.add_argument_group(flag.group)
        groups[flag.group].add_argument(
            f"--{flag.name}",
            metavar=flag.metavar,
            default=argparse.SUPPRESS,
            help=f"sets {' and '.join(flag.keys)}",
        )


def run(args: argparse.Namespace) -> int:
    """Run the whole of it; 130 where someone interrupted."""
    from roomtone.errors import MissingExtraError, require

    require("torch", extra="train", purpose="Training")
    from roomtone.config import load_config
    from roomtone.reports import write_report
    from roomtone.training.console import Console
    from roomtone.training.resume import Resume
    from roomtone.training.run import Run

    typed = {flag.name: getattr(args, flag.name) for flag in FLAGS if hasattr(args, flag.name)}
    console = Console(quiet=args.quiet)
    resume = Resume.open(args.resume) if args.resume else None
    if resume:
        config = resume.configure(args.config, typed, args.sets)
    else:
        config = load_config(args.config, flags=typed, sets=args.sets)
    outcome = Run(config, console, resume).execute()
    if outcome.stopped == "interrupted":
        return 130
    try:
        written = write_report(outcome.folder.root)
    except MissingExtraError as error:
        console.warn(f"{error} Then draw the figures with: roomtone report {outcome.folder}")
    else:
        console.always(f"✅ Figures and report: {next(p for p in written if p.suffix == '.html')}")
    return 0
