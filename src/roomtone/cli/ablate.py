"""`roomtone ablate`: take parts away from a model one at a time, and measure the loss."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from roomtone.cli.parser import at_least, listed
from roomtone.cli.studies import add_study_flags, comparison_notes, conduct, draw

if TYPE_CHECKING:
    from roomtone.config import Config
    from roomtone.experiments.ablation_result import AblationResult
    from roomtone.experiments.study import Study, StudyPlan
    from roomtone.training.console import Console

SUMMARY = "take parts away from a model one at a time, and measure what each was worth"
SEEDS = 5
_AHEAD = {
    "reference": "the full model is nearly never behind",
    "model": "nearly never behind the full model",
    None: "undecided",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of this verb."""
    group = parser.add_argument_group("Ablation")
    group.add_argument(
        "--list", action="store_true", help="name the ablations and what each leaves, and exit"
    )
    group.add_argument(
        "--only",
        metavar="NAME,NAME",
        help="ablations to run (default: all that change something in this configuration)",
    )
    group.add_argument(
        "--seeds", metavar="INT", type=int, help=f"seeds of each variant (default: {SEEDS})"
    )
    group.add_argument(
        "--folds",
        metavar="INT",
        type=int,
        help="cross-validate over the rows of train_csv and val_csv, in place of testing on "
        "test_csv (without one, on val_csv)",
    )
    add_study_flags(parser)


def run(args: argparse.Namespace) -> int:
    """Train all variants, compare them, and draw the figure.

    Raises
    ------
    RoomtoneError
        If something typed cannot be used, or the full model cannot be trained.
    """
    from roomtone.experiments.ablations import ABLATIONS

    if args.list:
        width = max(map(len, ABLATIONS))
        for name, ablation in ABLATIONS.items():
            print(f"{name:<{width}}  {ablation.meaning}")
        return 0
    at_least(1, seeds=args.seeds)
    at_least(2, folds=args.folds)
    return conduct(
        args,
        verb="ablate",
        kind="ablation",
        own=("only", "seeds", "folds"),
        plan=lambda config: _plan(config, args),
        work=lambda study, console: _work(study, console, keep=args.keep_models),
    )


def _plan(config: Config, args: argparse.Namespace) -> StudyPlan:
    from roomtone.experiments.ablation import plan_ablation
    from roomtone.experiments.ablations import choose

    variants, left_out = choose(listed(args.only), config)
    if left_out and not args.quiet:
        print(f"Left out, since they would change nothing here: {', '.join(left_out)}")
    return plan_ablation(config, variants, args.seeds or SEEDS, args.folds)


def _work(study: Study, console: Console, *, keep: bool) -> int:
    from roomtone.experiments.ablation import RESULT, run_ablation
    from roomtone.reports.ablation import draw_ablation

    result = run_ablation(study, console, keep=keep)
    console.always("", *_table(result), "")
    for line in (*result.decision, *result.notes):
        console.say(f"   {line}")
    draw(study, "ablation", result, lambda theme: draw_ablation(result, theme), console)
    console.always(f"✅ Result: {study.root / RESULT}")
    return 0


def _table(result: AblationResult) -> list[str]:
    """Show every variant: its score, its difference from the full model, its size."""
    metric = result.metric
    lines = [
        f"{metric} on {result.rows:,} rows ({result.split}), {len(result.seeds)} seed(s)",
        f"{'variant':24}{metric:>10}{'difference':>12}{'95% interval':>20}{'p':>10}"
        f"{'parameters':>14}",
    ]
    for variant in result.variants:
        if variant.mean is None:
            lines.append(f"{variant.title:24}{'failed':>10}  {variant.failures[0].splitlines()[0]}")
            continue
        gap = span = p = ""
        if variant.difference is not None:
            gap = f"{variant.difference:+.4f}"
            span = f"{variant.difference_low:+.4f} to {variant.difference_high:+.4f}"
        found = variant.comparison or {}
        adjusted = found.get("adjusted_p")
        value = found.get("p_value") if adjusted is None else adjusted
        if value is not None:
            p = "<0.001" if value < 0.001 else f"{value:.3f}"
        size = f"{variant.parameters or 0:,}"
        lines.append(f"{variant.title:24}{variant.mean:>10.4f}{gap:>12}{span:>20}{p:>10}{size:>14}")
    if any((v.comparison or {}).get("adjusted_p") is not None for v in result.variants):
        lines.append("p after Holm's correction; intervals are not corrected")
    lines += comparison_notes([v.comparison for v in result.variants if v.comparison])
    return lines + _orders(result)


def _orders(result: AblationResult) -> list[str]:
    """Say who is ahead over the whole distributions of scores, where there are seeds enough."""
    found: dict[str | None, list[str]] = {}
    for variant in result.variants:
        if variant.order is not None:
            effects = variant.order["effects"]
            shown = f"{variant.title} ({effects['eps_min_of_reference']:.2f})"
            found.setdefault(effects["dominant"], []).append(shown)
    if not found:
        return []
    said = [f"   {_AHEAD[leader]}: {', '.join(titles)}" for leader, titles in found.items()]
    return ["Scores over seeds by almost stochastic order (ε_min of the full model):", *said]
