"""`roomtone tune`: search for better settings on the validation rows."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from roomtone.cli.parser import UsageError, at_least
from roomtone.cli.studies import add_study_flags, conduct, draw

if TYPE_CHECKING:
    from roomtone.config import Config
    from roomtone.experiments.study import Study, StudyPlan
    from roomtone.experiments.tuning_result import TuningResult
    from roomtone.training.console import Console

SUMMARY = "search for better settings on the validation rows, and tell gain from luck"
TRIALS = 30
SEARCHES = ("guide", "optuna")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of this verb."""
    group = parser.add_argument_group("Search")
    group.add_argument(
        "--search",
        choices=SEARCHES,
        help="guide: learning rate, batch size, architecture, regularization, sequence length, "
        "each settled before the next; optuna: all at once, hopeless runs ended early "
        "(default: guide)",
    )
    group.add_argument(
        "--trials",
        metavar="INT",
        type=int,
        help=f"settings that Optuna tries (default: {TRIALS}); with --resume a new total",
    )
    group.add_argument(
        "--one_by_one",
        action="store_true",
        help="settle each quantity of a group by itself: fewer runs than every combination",
    )
    group.add_argument(
        "--no_lr_find",
        action="store_true",
        help="do not try the learning rate that a range test suggests besides the guide's",
    )
    add_study_flags(parser)


def run(args: argparse.Namespace) -> int:
    """Search, write the best configuration, and draw the figure.

    Raises
    ------
    RoomtoneError
        If something typed cannot be used, or no trial runs to its end.
    """
    at_least(1, trials=args.trials)
    if args.trials is not None and args.search != "optuna" and args.resume is None:
        raise UsageError("--trials: the guide's grid has its own number; use --search optuna")
    if args.search == "optuna":
        from roomtone.errors import require

        require("optuna", extra="tune", purpose="Searching with Optuna")
    return conduct(
        args,
        verb="tune",
        kind="tuning",
        own=("search", "one_by_one", "no_lr_find"),
        plan=lambda config: _plan(config, args),
        work=lambda study, console: _work(study, console, args),
    )


def _plan(config: Config, args: argparse.Namespace) -> StudyPlan:
    from roomtone.experiments.tuning import plan_tuning

    return plan_tuning(
        config,
        args.search or "guide",
        find_rate=not args.no_lr_find,
        one_by_one=args.one_by_one,
    )


def _work(study: Study, console: Console, args: argparse.Namespace) -> int:
    from roomtone.experiments.tuning import run_tuning, wanted_trials
    from roomtone.experiments.tuning_result import BEST, RESULT
    from roomtone.reports.tuning import draw_tuning

    try:
        trials = wanted_trials(study, args.trials, TRIALS)
        result = run_tuning(study, console, trials=trials, keep=args.keep_models)
    except KeyboardInterrupt:
        if (best := study.root / BEST).is_file():
            console.always("", f"Best so far: {best}")
        raise
    console.always(*_summary(result))
    for note in result.notes:
        console.say(f"   {note}")
    draw(study, "tuning", result, lambda theme: draw_tuning(result, theme), console)
    console.always(
        f"✅ Result: {study.root / RESULT}",
        f"✅ Best configuration: {study.root / BEST}",
        f"   Train it with: roomtone train --config {study.root / BEST}",
    )
    return 0


def _summary(result: TuningResult) -> list[str]:
    """Say what is best, what it seems to gain, and what of that is luck."""
    from roomtone.experiments.tuning import describe
    from roomtone.experiments.tuning_result import BASE

    best, noise = result[result.best or BASE], result.noise
    states = [trial.status for trial in result.trials]
    counts = ", ".join(f"{states.count(s)} {s}" for s in dict.fromkeys(states))
    lines = [
        f"{len(states)} trials ({counts}) on {best.n_tested:,} validation rows",
        f"Best: {best.name}, {result.monitor} {best.value:.4f}: {describe(best.settings)}",
    ]
    if noise is None:
        return [*lines, "   Too few trials ran to their end to tell gain from luck"]
    if best.name == BASE or not noise["apparent"]:
        return [*lines, "   Nothing was better than the configuration as it was"]
    share = noise["noise"] / noise["apparent"]
    part = "all of the gain" if share >= 1 else f"{max(0.0, 100 * share):.0f}% of the gain"
    return [
        *lines,
        f"   Gain over the configuration as it was: {noise['apparent']:+.4f} on the rows that "
        f"chose it; {noise['corrected']:+.4f} on rows that did not",
        f"   (95% of the resamples: {noise['low']:+.4f} to {noise['high']:+.4f}). "
        f"Selection noise is {noise['noise']:.4f}, {part}",
        f"   On resampled rows the same trial was chosen in "
        f"{100 * noise['chosen'].get(best.name, 0):.0f}% of the cases",
    ]
