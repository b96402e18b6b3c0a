"""The section on what differences of two models mean, and what seeds and folds each scatter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from roomtone.reports.crossval.chapter import Chapter, span
from roomtone.reports.document.blocks import Block, Inline, Paragraph, Section, Table
from roomtone.reports.sources import cite

_COLUMNS: tuple[Inline, ...] = (
    ("Model",),
    ("Against",),
    ("Rows needed",),
    ("Odds ratio",),
    ("Interval",),
    ("Cohen's g",),
    ("Interval",),
)


def sizes_section(chapter: Chapter) -> Section | None:
    """Show rows needed, effect sizes with intervals, and the split of the variance."""
    blocks: list[Block] = []
    for place, family in enumerate(chapter.facts["comparisons"]):
        rows = [
            _pair(chapter, f"comparisons.{place}.rows.{number}", row)
            for number, row in enumerate(family["rows"])
            if row["rows_needed"] is not None or row["odds_ratio"] is not None
        ]
        if rows:
            blocks.append(_table(chapter, place, tuple(rows)))
    if blocks:
        blocks.append(
            Paragraph(
                (
                    "Rows needed would show the difference found with the usual power, if it is "
                    "the true one and fold scores scatter less with more rows, by the square "
                    "root: a plan for the next data, and no second verdict on these. The odds "
                    "ratio and Cohen's g are of the rows that one model alone has right, each row "
                    "once; what another fit would change is not in their intervals",
                    cite("odds_ratio", "cohens_g"),
                    ".",
                ),
                "note",
            )
        )
    if any(model["variance"] for model in chapter.models):
        blocks.append(_variance(chapter))
    if not blocks:
        return None
    return Section(chapter.key("sizes"), chapter.title("Effect sizes and variance"), tuple(blocks))


def _table(chapter: Chapter, place: int, rows: tuple[tuple[Inline, ...], ...]) -> Table:
    """Leave out the effect sizes where there are none, as of a macro average."""
    family = chapter.facts["comparisons"][place]["rows"]
    sized = any(row["odds_ratio"] is not None for row in family)
    columns = len(_COLUMNS) if sized else _COLUMNS.index(("Rows needed",)) + 1
    return Table(
        chapter.key(f"sizes_{place + 1}"),
        (
            "Effect sizes with intervals, and rows needed: " if sized else "Rows needed: ",
            chapter.value(f"comparisons.{place}.metric_name"),
            " over ",
            chapter.value(f"comparisons.{place}.folds", "count"),
            " folds.",
        ),
        _COLUMNS[:columns],
        tuple(row[:columns] for row in rows),
        words=(0, 1),
        wrapped=dict.fromkeys((0, 1), 0.13) if chapter.wrapped else {},
    )


def _pair(chapter: Chapter, at: str, row: Mapping[str, Any]) -> tuple[Inline, ...]:
    def shown(key: str, form: str) -> Inline:
        return ("–",) if row[key] is None else (chapter.value(f"{at}.{key}", form),)

    def interval(key: str, form: str) -> Inline:
        ends = row[key]
        if ends is None:
            return ("–",)
        low = chapter.value(f"{at}.{key}.0", form)
        if ends[1] is None:
            return ("from ", low)
        return span(low, chapter.value(f"{at}.{key}.1", form))

    return (
        (chapter.value(f"{at}.model"),),
        (chapter.value(f"{at}.reference"),),
        shown("rows_needed", "count"),
        shown("odds_ratio", "rank"),
        interval("odds_ratio_interval", "rank"),
        shown("cohens_g", "difference"),
        interval("cohens_g_interval", "difference"),
    )


def _variance(chapter: Chapter) -> Table:
    return Table(
        chapter.key("variance"),
        (
            "Standard deviations that come from the fold and from the seed. The share is that of "
            "the seed in a single score's variance",
            cite("variance_split"),
            ".",
        ),
        (("Model",), ("Score",), ("Folds",), ("Seeds",), ("Share of seeds",)),
        tuple(
            (
                (chapter.name(place),),
                (chapter.value(f"models.{place}.variance.{number}.metric_name"),),
                (chapter.value(f"models.{place}.variance.{number}.fold_sd", "score"),),
                (chapter.value(f"models.{place}.variance.{number}.seed_sd", "score"),),
                ("–",)
                if split["seed_share"] is None
                else (chapter.value(f"models.{place}.variance.{number}.seed_share", "rank"),),
            )
            for place, model in enumerate(chapter.models)
            for number, split in enumerate(model["variance"])
        ),
        words=(0, 1),
        wrapped=chapter.wrapped,
    )
