"""`roomtone lr-find`: suggest a learning rate before training."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from roomtone.cli.parser import UsageError
from roomtone.cli.settings import add_settings, typed_flags

if TYPE_CHECKING:
    from roomtone.config import Config
    from roomtone.training.console import Console
    from roomtone.training.lr_curve import RangeTest

SUMMARY = "find a good learning rate before training"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the range of the test, and the flags that set keys of the configuration."""
    group = parser.add_argument_group("Range test")
    group.add_argument(
        "--lr_start", metavar="FLOAT", type=float, default=1e-6, help="first rate (default: 1e-6)"
    )
    group.add_argument(
        "--lr_end", metavar="FLOAT", type=float, default=1.0, help="last rate (default: 1)"
    )
    group.add_argument(
        "--lr_steps", metavar="INT", type=int, default=300, help="steps between (default: 300)"
    )
    add_settings(parser)


def run(args: argparse.Namespace) -> int:
    """Run the test, and write the curve and its figure to `output_dir`.

    Raises
    ------
    RoomtoneError
        If something typed cannot be used, or no rate can be suggested.
    """
    from roomtone.errors import require

    require("torch", extra="train", purpose="Finding a learning rate")
    from roomtone.config import load_config
    from roomtone.training.console import Console
    from roomtone.training.lr_find import find_learning_rate

    _check(args)
    config = load_config(args.config, flags=typed_flags(args), sets=args.sets)
    console = Console(quiet=args.quiet)
    result = find_learning_rate(
        config, console, start=args.lr_start, end=args.lr_end, steps=args.lr_steps
    )
    if result.diverged:
        console.say(f"  The loss diverged beyond a rate of {result.rates[-1]:.2e}")
    _write(result, config, console)
    console.always(
        "",
        f"Suggested: --learning_rate {result.suggested:g}",
        "   A tenth of the rate at which the loss is lowest; the other usual choice, where it "
        f"falls most steeply, is {result.steepest:g}",
    )
    return 0


def _check(args: argparse.Namespace) -> None:
    from roomtone.training.lr_curve import FEWEST_STEPS

    if not 0 < args.lr_start < args.lr_end < float("inf"):
        raise UsageError(
            f"--lr_start {args.lr_start:g} --lr_end {args.lr_end:g}: expected two rates above 0, "
            "the first one lower"
        )
    if args.lr_steps < FEWEST_STEPS:
        raise UsageError(f"--lr_steps {args.lr_steps}: expected at least {FEWEST_STEPS}")


def _write(result: RangeTest, config: Config, console: Console) -> None:
    from roomtone.errors import MissingExtraError
    from roomtone.files import write_bytes, write_json
    from roomtone.reports.lr_curve import draw_lr_curve
    from roomtone.reports.style import LIGHT, render

    curve, figure = (Path(config.output_dir) / f"lr_find.{suffix}" for suffix in ("json", "png"))
    write_json(curve, asdict(result))
    try:
        (picture,) = render(lambda theme: draw_lr_curve(result, theme), LIGHT, "png")
    except MissingExtraError as error:
        console.warn(str(error))
        return
    write_bytes(figure, picture)
    console.say("", f"✅ Curve saved to: {figure} and {curve.name}")
