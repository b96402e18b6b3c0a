"""An ablation in a report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roomtone.experiments.ablation import RESULT
from roomtone.experiments.ablation_result import AblationResult, Variant
from roomtone.reports.ablation import draw_ablation
from roomtone.reports.crossval.curves import curves_figure, of_runs
from roomtone.reports.crossval.study_chapter import StudyChapter, result_file
from roomtone.reports.curve_bands import draw_curve_bands
from roomtone.reports.document.blocks import (
    Block,
    Figure,
    Inline,
    Items,
    Paragraph,
    Section,
    Table,
    Value,
)
from roomtone.reports.sources import cite
from roomtone.reports.style import Theme
from roomtone.stats.naming import metric_name

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawn


def read_ablation(path: Path) -> StudyChapter:
    """Read the folder of a finished ablation.

    Raises
    ------
    DataError
        If it is not finished, or a file is damaged.
    """
    result = AblationResult.read(result_file(path, RESULT, "ablate"))
    curves = of_runs(sorted((path / "runs").glob("full-*")))
    facts = {
        "kind": "ablation",
        "folder": path.resolve().name,
        "metric": result.metric,
        "metric_name": metric_name(result.metric),
        "rows": result.rows,
        "split": result.split,
        "seeds": list(result.seeds),
        "seed_count": len(result.seeds),
        "digest": result.plan.data,
        "variants": [
            {
                "name": variant.name,
                "title": variant.title,
                **{
                    key: getattr(variant, key)
                    for key in (
                        *("mean", "sd", "low", "high", "difference"),
                        *("difference_low", "difference_high", "parameters"),
                    )
                },
                "p": _p(variant.comparison),
                "failures": list(variant.failures),
            }
            for variant in result.variants
        ],
        "corrected": any(
            (variant.comparison or {}).get("adjusted_p") is not None for variant in result.variants
        ),
        "orders": [_order(variant) for variant in result.variants if variant.order is not None],
        "decision": list(result.decision),
        "notes": list(result.notes),
        "curves": curves,
    }
    drawings: dict[str, Callable[[Theme], Drawn | None]] = {
        "ablation": lambda theme: draw_ablation(result, theme)
    }
    if curves is not None:
        drawings["training_curves"] = lambda theme: draw_curve_bands(curves["series"], theme)
    return StudyChapter(facts, lambda at, key: _ablation_section(facts, at, key), drawings)


def _p(comparison: Mapping[str, Any] | None) -> float | None:
    found = comparison or {}
    adjusted: float | None = found.get("adjusted_p")
    return found.get("p_value") if adjusted is None else adjusted


def _order(variant: Variant) -> dict[str, Any]:
    effects = (variant.order or {})["effects"]
    ahead = {"model": variant.title, "reference": "full model"}
    return {
        "title": variant.title,
        "eps_full": effects["eps_min_of_reference"],
        "eps_variant": effects["eps_min"],
        "threshold": effects["threshold"],
        "ahead": ahead.get(effects["dominant"], "undecided"),
    }


def _ablation_section(facts: Mapping[str, Any], at: str, key: str) -> Section:
    rows: list[tuple[Inline, ...]] = []
    for place, variant in enumerate(facts["variants"]):
        here = f"{at}.variants.{place}"
        gap: Inline = ("–",)
        if variant["difference_low"] is not None:
            gap = (
                Value(f"{here}.difference_low", "difference"),
                " to ",
                Value(f"{here}.difference_high", "difference"),
            )
        rows.append(
            (
                (Value(f"{here}.title"),),
                (Value(f"{here}.mean", "score"),),
                (Value(f"{here}.difference", "difference"),),
                gap,
                (Value(f"{here}.p", "p"),),
                (Value(f"{here}.parameters", "count"),),
            )
        )
    blocks: list[Block] = [
        Paragraph(
            (
                "One part after the other is taken away from the model, which is trained anew ",
                "with ",
                Value(f"{at}.seed_count", "count"),
                " seed(s) each and measured on ",
                Value(f"{at}.rows", "count"),
                " rows (",
                Value(f"{at}.split"),
                ").",
            )
        ),
        Figure(
            f"{key}_ablation",
            (
                "Difference of each variant from the full model, with intervals over rows and "
                "seeds.",
            ),
            "Differences of the variants; the values stand in the table.",
        ),
        Table(
            f"{key}_ablation",
            (
                "Ablation by ",
                Value(f"{at}.metric_name"),
                "; p after Holm's correction" if facts["corrected"] else "",
            ),
            (("Variant",), ("Mean",), ("Difference",), ("Interval",), ("p",), ("Parameters",)),
            tuple(rows),
            wrapped={0: 0.3},
        ),
        *(_orders(facts, at, key) if facts["orders"] else ()),
        Items(
            tuple(
                (Value(f"{at}.{part}.{place}"),)
                for part in ("decision", "notes")
                for place in range(len(facts[part]))
            )
        ),
    ]
    failed = [
        (Value(f"{at}.variants.{place}.failures.{number}"),)
        for place, variant in enumerate(facts["variants"])
        for number in range(len(variant["failures"]))
    ]
    if failed:
        blocks.append(Items(tuple(failed), "warning"))
    if facts["curves"] is not None:
        blocks.append(
            curves_figure(facts["curves"], f"{key}_training_curves", f"{at}.curves", "Full model")
        )
    return Section(f"{key}_ablation", ("Ablation",), tuple(blocks))


def _orders(facts: Mapping[str, Any], at: str, key: str) -> tuple[Block, Block]:
    rows = [
        (
            (Value(f"{here}.title"),),
            (Value(f"{here}.eps_full", "score"),),
            (Value(f"{here}.eps_variant", "score"),),
            (Value(f"{here}.ahead"),),
        )
        for here in (f"{at}.orders.{place}" for place in range(len(facts["orders"])))
    ]
    return (
        Paragraph(
            (
                "Scores of the seeds were also compared as whole distributions, by almost "
                "stochastic order",
                cite("aso"),
                ": a model whose bound ε is below ",
                Value(f"{at}.orders.0.threshold", "plain"),
                " and whose mean is higher by a permutation test is nearly never behind. This "
                "holds for these test rows alone.",
            )
        ),
        Table(
            f"{key}_orders",
            ("Almost stochastic order over seeds",),
            (("Variant",), ("ε of the full model",), ("ε of the variant",), ("Ahead",)),
            tuple(rows),
            words=(0, 3),
            wrapped={0: 0.3},
        ),
    )
