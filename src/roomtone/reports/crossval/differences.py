"""The section on whether the models differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from roomtone.reports.crossval.chapter import Chapter, span
from roomtone.reports.document.blocks import (
    Block,
    Figure,
    Inline,
    Items,
    Paragraph,
    Part,
    Section,
    Table,
)
from roomtone.reports.sources import cite


def comparisons_section(chapter: Chapter) -> Section:
    """Show the differences of pairs, the test, and why it was chosen."""
    families = chapter.facts["comparisons"]
    blocks: list[Block] = []
    if not families:
        blocks.append(
            Paragraph(
                (
                    "No models were compared: a test needs two models over the same folds, and "
                    "enough folds. The notes under the scores say what stood in the way, if "
                    "anything did.",
                )
            )
        )
    for place, family in enumerate(families):
        blocks += _family(chapter, place, family)
    if not chapter.prefix:
        blocks.append(
            Paragraph(
                (
                    "There is no critical-difference diagram: it ranks models over independent "
                    "data sets, and folds of one data set share their training rows",
                    cite("friedman", "wilcoxon"),
                    ".",
                ),
                "note",
            )
        )
    return Section(chapter.key("comparisons"), chapter.title("Comparisons"), tuple(blocks))


def _family(chapter: Chapter, place: int, family: Mapping[str, Any]) -> list[Block]:
    at = f"comparisons.{place}"
    figure = Figure(
        chapter.key(f"differences_{place + 1}"),
        (
            "Differences in ",
            chapter.value(f"{at}.metric_name"),
            " with ",
            chapter.value(f"{at}.confidence", "level"),
            " intervals, not corrected. Filled: told apart after correction.",
        ),
        "Differences between pairs of models; the values stand in the table.",
    )
    chances = any(row["chances"]["better"] is not None for row in family["rows"])
    head: list[Inline] = [
        ("Model",),
        ("Against",),
        ("Difference",),
        ("Interval",),
        ("p",),
        ("Outcome",),
    ]
    if chances:
        head += [("Better",), ("Alike",), ("Worse",)]
    rows = tuple(
        _row(chapter, f"{at}.rows.{number}", row, chances=chances)
        for number, row in enumerate(family["rows"])
    )
    names = {row[side] or "" for row in family["rows"] for side in ("model", "reference")}
    wrapped = {0: 0.13, 1: 0.13} if max(map(len, names)) > 16 else {}
    caption: list[Part] = [
        "Differences in ",
        chapter.value(f"{at}.metric_name"),
        " over ",
        chapter.value(f"{at}.folds", "count"),
        " folds, by ",
        chapter.value(f"{at}.method_name"),
        ". ",
        "p after Holm's correction. " if family["corrected"] else "",
        "Undecided does not say that models are alike. ",
    ]
    if chances:
        caption += [
            "Better, alike, worse: chances by the Bayesian correlated t-test, alike being within ",
            chapter.value(f"{at}.rope", "plain"),
            ".",
        ]
    notes = [n for n, row in enumerate(family["rows"]) if row["note"]]
    blocks: list[Block] = [
        figure,
        Table(
            chapter.key(f"differences_{place + 1}"),
            tuple(caption),
            tuple(head),
            rows,
            words=(0, 1, 5),
            wrapped=wrapped,
        ),
    ]
    if notes:
        blocks.append(Items(tuple((chapter.value(f"{at}.rows.{n}.note"),) for n in notes)))
    if place == 0 or family["decision"] != chapter.facts["comparisons"][0]["decision"]:
        decision: list[Part] = []
        for number in range(len(family["decision"])):
            decision += [" " if number else "", chapter.value(f"{at}.decision.{number}")]
        blocks.append(Paragraph(("Why this test: ", *decision)))
    return blocks


def _row(chapter: Chapter, at: str, row: Mapping[str, Any], *, chances: bool) -> tuple[Inline, ...]:
    ends: Inline = ("–",)
    if row["low"] is not None:
        ends = span(
            chapter.value(f"{at}.low", "difference"), chapter.value(f"{at}.high", "difference")
        )
    cells: list[Inline] = [
        (chapter.value(f"{at}.model"),) if row["model"] else ("all models",),
        (chapter.value(f"{at}.reference"),) if row["reference"] else ("",),
        (chapter.value(f"{at}.difference", "difference"),),
        ends,
        (chapter.value(f"{at}.p", "p"),),
        (chapter.value(f"{at}.outcome"),),
    ]
    if chances:
        cells += [
            (chapter.value(f"{at}.chances.{name}", "rank"),)
            for name in ("better", "equivalent", "worse")
        ]
    return tuple(cells)
