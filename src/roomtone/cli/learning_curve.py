"""`roomtone learning-curve`: how a score grows with the number of training rows."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from roomtone.cli.parser import at_least, listed
from roomtone.cli.studies import add_study_flags, comparison_notes, conduct, draw

if TYPE_CHECKING:
    from roomtone.config import Config
    from roomtone.experiments.learning_curve_result import LearningCurve
    from roomtone.experiments.study import Study, StudyPlan
    from roomtone.training.console import Console

SUMMARY = "train on growing parts of the training rows, and tell what more rows would bring"
SEEDS = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of this verb."""
    group = parser.add_argument_group("Learning curve")
    group.add_argument(
        "--sizes",
        metavar="N,N",
        help="training rows (500), shares of them (0.25), or all "
        "(default: five parts that double up to all)",
    )
    group.add_argument(
        "--models",
        metavar="NAME,NAME",
        help="hybrid_dl, logreg, svm, tfidf; the first is compared with (default: hybrid_dl)",
    )
    group.add_argument(
        "--seeds", metavar="INT", type=int, help=f"seeds of each size (default: {SEEDS})"
    )
    add_study_flags(parser)


def run(args: argparse.Namespace) -> int:
    """Train on every part, and draw the figure.

    Raises
    ------
    RoomtoneError
        If something typed cannot be used, or no run is finished.
    """
    at_least(1, seeds=args.seeds)
    return conduct(
        args,
        verb="learning-curve",
        kind="learning curve",
        own=("sizes", "models", "seeds"),
        plan=lambda config: _plan(config, args),
        work=lambda study, console: _work(study, console, keep=args.keep_models),
    )


def _plan(config: Config, args: argparse.Namespace) -> StudyPlan:
    from roomtone.experiments.learning_curve import HYBRID, plan_learning_curve

    models = listed(args.models) or [HYBRID]
    return plan_learning_curve(config, listed(args.sizes), models, args.seeds or SEEDS)


def _work(study: Study, console: Console, *, keep: bool) -> int:
    from roomtone.experiments.learning_curve import RESULT, run_learning_curve
    from roomtone.reports.learning_curve import draw_learning_curve

    curve = run_learning_curve(study, console, keep=keep)
    console.always("", *_table(curve), "")
    for note in curve.notes:
        console.say(f"   {note}")
    draw(study, "learning_curve", curve, lambda theme: draw_learning_curve(curve, theme), console)
    console.always(f"✅ Result: {study.root / RESULT}")
    return 0


def _table(curve: LearningCurve) -> list[str]:
    """Show each model at each size, and what the last step gained."""
    lines = [
        f"{curve.metric} on {curve.rows:,} rows ({curve.split}), {len(curve.seeds)} seed(s)",
        f"{'model':12}{'rows':>8}{curve.metric:>12}{'sd':>8}{'95% interval':>20}{'seconds':>9}",
    ]
    for point in curve.points:
        if point.mean is None:
            lines.append(f"{point.model:12}{point.size:>8,}{'failed':>12}")
            continue
        sd = "" if point.sd is None else f"{point.sd:.4f}"
        span = f"{point.low:.4f} to {point.high:.4f}"
        lines.append(
            f"{point.model:12}{point.size:>8,}{point.mean:>12.4f}{sd:>8}{span:>20}"
            f"{point.seconds:>9.1f}"
        )
    for model in dict.fromkeys(gain.model for gain in curve.gains):
        last = [gain for gain in curve.gains if gain.model == model][-1]
        lines.append(
            f"{model}: from {last.fewer:,} to {last.more:,} rows {last.difference:+.4f} "
            f"({last.low:+.4f} to {last.high:+.4f})"
        )
    return [*lines, *_compared(curve)]


def _compared(curve: LearningCurve) -> list[str]:
    """Show the models against the first one at each size."""
    tested = [row for row in curve.comparisons if row["p_value"] is not None]
    lines = []
    for row in tested:
        p = row["p_value"] if row["adjusted_p"] is None else row["adjusted_p"]
        shown = "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
        lines.append(
            f"{row['model']} against {row['reference']}, {row['size']:,} rows: "
            f"{row['difference']:+.4f} ({row['low']:+.4f} to {row['high']:+.4f}), {shown}, "
            f"{row['outcome']}"
        )
    if len(tested) > 1:
        lines.append(
            f"p after Holm's correction over all {len(tested)} comparisons; intervals are not "
            "corrected"
        )
    return lines + comparison_notes(curve.comparisons)
