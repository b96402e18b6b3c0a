"""Studies beside a cross-validation: what their parts of ``report.json`` and the page hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roomtone.errors import DataError
from roomtone.experiments.ablation import RESULT as ABLATION
from roomtone.experiments.ablation_result import AblationResult
from roomtone.experiments.record import PLAN
from roomtone.experiments.study import StudyPlan
from roomtone.reports.ablation import draw_ablation
from roomtone.reports.crossval.curves import curves_figure, of_runs
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
from roomtone.reports.style import Theme
from roomtone.reports.wording import metric_name

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing


@dataclass(frozen=True)
class StudyChapter:
    """One study of a report.

    Attributes
    ----------
    facts : mapping
        What ``report.json`` holds of it.
    section : callable
        Makes its section, given its place there.
    drawings : mapping of str to callable
        Its figures, by the ends of their names.
    """

    facts: Mapping[str, Any]
    section: Callable[[str, str], Section]
    drawings: Mapping[str, Callable[[Theme], Drawing | None]]


def read_study(path: Path) -> StudyChapter:
    """Read the folder of a finished study.

    Raises
    ------
    DataError
        If it is not finished, or of a kind that has no section.
    """
    plan = StudyPlan.read(path / PLAN)
    readers = {"ablation": _ablation}
    if plan.kind not in readers:
        raise DataError(
            f"{path}: holds a {plan.kind}; a report shows studies of the kinds {', '.join(readers)}"
        )
    return readers[plan.kind](path)


def studies_in(folder: Path) -> list[Path]:
    """Find the finished studies right inside a folder."""
    return sorted({found.parent for found in folder.glob(f"*/{ABLATION}")})


def result_file(path: Path, name: str, verb: str) -> Path:
    """Return the file of a study's result.

    Raises
    ------
    DataError
        If it is not there yet.
    """
    if not (path / name).is_file():
        raise DataError(
            f"{path}: the study is not finished (no {name}); go on with it: "
            f"roomtone {verb} --resume {path}"
        )
    return path / name


def _ablation(path: Path) -> StudyChapter:
    result = AblationResult.read(result_file(path, ABLATION, "ablate"))
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
        "decision": list(result.decision),
        "notes": list(result.notes),
        "curves": curves,
    }
    drawings: dict[str, Callable[[Theme], Drawing | None]] = {
        "ablation": lambda theme: draw_ablation(result, theme)
    }
    if curves is not None:
        drawings["training_curves"] = lambda theme: draw_curve_bands(curves["series"], theme)
    return StudyChapter(facts, lambda at, key: _ablation_section(facts, at, key), drawings)


def _p(comparison: Mapping[str, Any] | None) -> float | None:
    found = comparison or {}
    adjusted: float | None = found.get("adjusted_p")
    return found.get("p_value") if adjusted is None else adjusted


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
        blocks.append(curves_figure(f"{key}_training_curves", f"{at}.curves", "Full model"))
    return Section(f"{key}_ablation", ("Ablation",), tuple(blocks))
