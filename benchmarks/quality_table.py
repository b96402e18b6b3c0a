"""The table of the quality benchmark, for the console and as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.table import Table
from scores import Scored

HEADINGS = (
    "model",
    "val macro-F1",
    "test macro-F1 [95%]",
    "macro recall [95%]",
    "accuracy [95%]",
    "to the best baseline [95%]",
    "training, min",
    "texts/s, one core",
    "MB",
)


def console_table(scored: Sequence[Scored], best: str) -> Table:
    """Lay the figures out for a terminal, the best test macro-F1 first."""
    table = Table(title=f"Test rows, scored once; differences to the best baseline, {best}")
    for number, heading in enumerate(HEADINGS):
        table.add_column(heading, justify="right" if number else "left", no_wrap=not number)
    for row in _rows(scored):
        table.add_row(*row)
    return table


def markdown_table(scored: Sequence[Scored], best: str) -> str:
    """Write the figures as Markdown, notes and all."""
    alignment = ["---", *["---:"] * (len(HEADINGS) - 1)]
    lines = [" | ".join(cells) for cells in (HEADINGS, alignment, *_rows(scored))]
    notes = [f"- {found.name}: {found.note}." for found in scored if found.note]
    heading = f"The best baseline by validation macro-F1 is: {best}."
    return "\n".join([*(f"| {line} |" for line in lines), "", heading, "", *notes, ""])


def _rows(scored: Sequence[Scored]) -> list[list[str]]:
    ranked = sorted(scored, key=lambda found: -found.test["f1_macro"])
    return [
        [
            found.name,
            f"{found.val['f1_macro']:.3f}",
            *(
                _with_interval(found.test[metric], found.intervals[metric])
                for metric in ("f1_macro", "recall_macro", "accuracy")
            ),
            _difference(found.difference),
            f"{found.training_minutes:.2f}",
            f"{found.texts_per_second:,.0f}",
            f"{found.megabytes:,.1f}",
        ]
        for found in ranked
    ]


def _with_interval(value: float, interval: dict[str, Any]) -> str:
    return f"{value:.3f} [{interval['low']:.3f}, {interval['high']:.3f}]"


def _difference(found: dict[str, Any] | None) -> str:
    if found is None:
        return "the baseline"
    return f"{found['value']:+.3f} [{found['low']:+.3f}, {found['high']:+.3f}]"
