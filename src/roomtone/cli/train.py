"""`roomtone train`: train, test and plot a model."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from roomtone.config.flags import FLAGS

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from roomtone.config import Config
    from roomtone.training.console import Console
    from roomtone.training.resume import Resume
    from roomtone.training.run import Outcome

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
    from roomtone.config.tree import LEAVES

    groups: dict[str, argparse._ArgumentGroup] = {}
    for flag in FLAGS:
        if flag.group not in groups:
            groups[flag.group] = parser.add_argument_group(flag.group)
        groups[flag.group].add_argument(
            f"--{flag.name}",
            metavar=flag.metavar,
            default=argparse.SUPPRESS,
            help=_help(LEAVES[flag.keys[0]]),
        )


def _help(field: FieldInfo) -> str:
    """Describe a flag by its key's docstring and default."""
    text = " ".join((field.description or "").replace("`", "").split()).removesuffix(".")
    default = field.default
    shown = ",".join(map(str, default)) if isinstance(default, tuple) else default
    return f"{text} (default: {shown})".replace("%", "%%") if shown not in (None, "") else text


def run(args: argparse.Namespace) -> int:
    """Run the whole of it; 130 where someone interrupted."""
    from roomtone.errors import require

    require("torch", extra="train", purpose="Training")
    from roomtone.config import load_config
    from roomtone.training.console import Console
    from roomtone.training.resume import Resume

    typed = {flag.name: getattr(args, flag.name) for flag in FLAGS if hasattr(args, flag.name)}
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
