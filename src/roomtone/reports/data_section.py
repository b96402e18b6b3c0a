"""The report's section on the data: class balance, lengths, repeated and shared rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from roomtone.reports.markup import Html, join, section, table, tag
from roomtone.reports.records import SplitData
from roomtone.reports.results import SPLITS
from roomtone.reports.run_folder import RunResult

_POINTS = {"p50": "Median", "p90": "90 %", "p95": "95 %", "p99": "99 %", "max": "Longest"}


def data_section(run: RunResult, figure: Html | str) -> Html:
    """Show class balance, lengths and unknown words of each split."""
    splits = run.data.splits
    if not splits:
        return section("data", "Data", tag("p", "This run has no data report."))
    notes = [tag("p", note) for note in run.data.notes]
    return section(
        "data",
        "Data",
        _balance(run, splits),
        figure,
        _lengths(splits),
        _repeats(splits),
        _leakage(run),
        *notes,
    )


def _balance(run: RunResult, splits: Mapping[str, SplitData]) -> Html | str:
    counted = {name: split.label_counts for name, split in splits.items() if split.label_counts}
    if not counted:
        return ""
    rows = []
    for code, name in enumerate(run.class_names):
        cells: list[object] = [name]
        for counts in counted.values():
            count = counts.get(name, counts.get(str(code), 0))
            cells.append(_bar(count, sum(counts.values())))
        rows.append(cells)
    totals = ("All", *(f"{sum(counts.values()):,}" for counts in counted.values()))
    columns = ("Class", *(_title(name) for name in counted))
    return table("Texts of each class", columns, rows, footer=[totals])


def _bar(count: int, total: int) -> Html:
    share = count / total if total else 0.0
    bar = tag("span", tag("span", "", style=f"width:{share:.1%}"), class_="bar", aria_hidden="true")
    return join([bar, f"{count:,} ({share:.1%})"], "")


def _lengths(splits: Mapping[str, SplitData]) -> Html | str:
    points = [name for name in _POINTS if any(name in split.length for split in splits.values())]
    rows = [
        (
            _title(name),
            *(f"{split.length[point]:,.0f}" if point in split.length else "–" for point in points),
            "–" if split.cut is None else f"{split.cut:.1%}",
            "–" if split.unknown is None else f"{split.unknown:.1%}",
        )
        for name, split in splits.items()
    ]
    columns = ("Split", *(_POINTS[point] for point in points), "Cut", "Unknown")
    caption = "Length in tokens (median, percentiles, longest), texts cut, unknown tokens"
    return table(caption, columns, rows)


def _repeats(splits: Mapping[str, SplitData]) -> Html | str:
    if not any(split.duplicates or split.rejected for split in splits.values()):
        return ""
    rows = [
        (
            _title(name),
            _count(split.rows),
            _count(_sum_of_counts(split.rejected)),
            *(_count(split.duplicates.get(key)) for key in ("exact", "normalized")),
            _count(split.duplicates.get("conflicting_texts")),
        )
        for name, split in splits.items()
    ]
    columns = (
        "Split",
        "Rows",
        "Left out",
        "Same text",
        "Same after normalising",
        "Labels disagree",
    )
    return table("Rows that could not be used, and rows that repeat another", columns, rows)


def _sum_of_counts(rejected: Mapping[str, Any]) -> int:
    counts = [rows.get("count") for rows in rejected.values() if isinstance(rows, Mapping)]
    return sum(count for count in counts if isinstance(count, int))


def _leakage(run: RunResult) -> Html | str:
    rows = [
        (
            " and ".join(SPLITS.get(name, name) for name in pair.split("/")),
            *(_count(overlap.get(key)) for key in ("exact", "normalized", "conflicting")),
        )
        for pair, overlap in run.data.leakage.items()
    ]
    if not rows:
        return ""
    columns = ("Splits", "Same text", "Same after normalising", "Labels disagree")
    return table("Rows of the later split that stand in the earlier one too", columns, rows)


def _title(split: str) -> str:
    return SPLITS.get(split, split).capitalize()


def _count(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else "–"
