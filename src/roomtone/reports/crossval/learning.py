"""A learning curve in a report."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from roomtone.experiments.learning_curve import RESULT
from roomtone.experiments.learning_curve_result import LearningCurve
from roomtone.reports.crossval.study_chapter import StudyChapter, result_file
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
from roomtone.reports.learning_curve import draw_learning_curve
from roomtone.stats.naming import metric_name

_COMPARED = ("Model", "Against", "Rows", "Difference", "Interval", "p", "Outcome")


def read_learning_curve(path: Path) -> StudyChapter:
    """Read the folder of a finished learning curve.

    Raises
    ------
    DataError
        If it is not finished, or a file is damaged.
    """
    curve = LearningCurve.read(result_file(path, RESULT, "learning-curve"))
    facts = {
        "kind": "learning curve",
        "folder": path.resolve().name,
        "metric": curve.metric,
        "metric_name": metric_name(curve.metric),
        "rows": curve.rows,
        "split": curve.split,
        "seed_count": len(curve.seeds),
        "digest": curve.plan.data,
        "points": [
            {
                "model": point.model,
                "size": point.size,
                "scores": list(point.scores),
                **{key: getattr(point, key) for key in ("mean", "sd", "low", "high")},
            }
            for point in curve.points
        ],
        "gains": [gain.to_dict() for gain in curve.gains],
        "comparisons": [
            {
                **{key: row.get(key) for key in ("size", "model", "reference", "difference")},
                **{key: row.get(key) for key in ("low", "high", "note")},
                "p": row["p_value"] if row.get("adjusted_p") is None else row["adjusted_p"],
                "outcome": row.get("outcome", "undecided"),
            }
            for row in curve.comparisons
        ],
        "corrected": any(row.get("adjusted_p") is not None for row in curve.comparisons),
        "notes": list(curve.notes),
    }
    return StudyChapter(
        facts,
        lambda at, key: _section(facts, at, key),
        {"learning_curve": lambda theme: draw_learning_curve(curve, theme)},
    )


def _section(facts: Mapping[str, Any], at: str, key: str) -> Section:
    blocks: list[Block] = [
        Paragraph(
            (
                "Models are trained on growing parts of the training rows, each part within the "
                "next, with ",
                Value(f"{at}.seed_count", "count"),
                " seed" if facts["seed_count"] == 1 else " seeds",
                ", and measured on the same ",
                Value(f"{at}.rows", "count"),
                " rows (",
                Value(f"{at}.split"),
                ").",
            )
        ),
        Figure(
            f"{key}_learning_curve",
            (
                "Learning curve: ",
                Value(f"{at}.metric_name"),
                " against the training rows, with intervals over rows and seeds. Dots are single "
                "seeds.",
            ),
            "Learning curve; the values stand in the table.",
        ),
        Table(
            f"{key}_points",
            ("Learning curve: mean over seeds of ", Value(f"{at}.metric_name")),
            (("Model",), ("Training rows",), ("Mean",), ("Interval",)),
            tuple(_point(facts, at, place) for place in range(len(facts["points"]))),
            wrapped={0: 0.3},
        ),
    ]
    if facts["gains"]:
        blocks.append(
            Table(
                f"{key}_gains",
                ("What more training rows gained, on the same test rows and with the same seeds",),
                (("Model",), ("From",), ("To",), ("Gain",), ("Interval",)),
                tuple(_gain(at, place) for place in range(len(facts["gains"]))),
                wrapped={0: 0.3},
            )
        )
    if facts["comparisons"]:
        blocks.append(
            Table(
                f"{key}_comparisons",
                (
                    "Models against the first one, with the same training rows and seeds",
                    "; p after Holm's correction over all of the table"
                    if facts["corrected"]
                    else "",
                ),
                tuple((title,) for title in _COMPARED),
                tuple(_compared(facts, at, place) for place in range(len(facts["comparisons"]))),
                wrapped={0: 0.2},
            )
        )
        notes = {row["note"]: place for place, row in enumerate(facts["comparisons"])}
        reasons = [(Value(f"{at}.comparisons.{place}.note"),) for n, place in notes.items() if n]
        if reasons:
            blocks.append(Items(tuple(reasons), "warning"))
    blocks.append(
        Items(tuple((Value(f"{at}.notes.{place}"),) for place in range(len(facts["notes"]))))
    )
    return Section(f"{key}_learning_curve", ("Learning curve",), tuple(blocks))


def _point(facts: Mapping[str, Any], at: str, place: int) -> tuple[Inline, ...]:
    here, point = f"{at}.points.{place}", facts["points"][place]
    interval: Inline = ("–",)
    if point["low"] is not None:
        interval = (Value(f"{here}.low", "score"), " to ", Value(f"{here}.high", "score"))
    return (
        (Value(f"{here}.model"),),
        (Value(f"{here}.size", "count"),),
        (Value(f"{here}.mean", "score"),) if point["mean"] is not None else ("failed",),
        interval,
    )


def _gain(at: str, place: int) -> tuple[Inline, ...]:
    here = f"{at}.gains.{place}"
    return (
        (Value(f"{here}.model"),),
        (Value(f"{here}.fewer", "count"),),
        (Value(f"{here}.more", "count"),),
        (Value(f"{here}.difference", "difference"),),
        (Value(f"{here}.low", "difference"), " to ", Value(f"{here}.high", "difference")),
    )


def _compared(facts: Mapping[str, Any], at: str, place: int) -> tuple[Inline, ...]:
    here, row = f"{at}.comparisons.{place}", facts["comparisons"][place]
    interval: Inline = ("–",)
    if row["low"] is not None:
        interval = (Value(f"{here}.low", "difference"), " to ", Value(f"{here}.high", "difference"))
    return (
        (Value(f"{here}.model"),),
        (Value(f"{here}.reference"),),
        (Value(f"{here}.size", "count"),),
        (Value(f"{here}.difference", "difference"),),
        interval,
        (Value(f"{here}.p", "p"),),
        (Value(f"{here}.outcome"),),
    )
