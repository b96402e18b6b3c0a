"""The section on several data sets: ranks of models, and which are told apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from roomtone.reports.document.blocks import (
    Block,
    Figure,
    Inline,
    Paragraph,
    Part,
    Section,
    Table,
    Value,
)
from roomtone.reports.sources import cite

AT = "across"
FIGURE = "critical_difference"


def ranks_section(across: Mapping[str, Any] | None) -> Section | None:
    """Show scores on all data sets, mean ranks, and the critical-difference diagram."""
    if across is None:
        return None
    blocks: list[Block] = [_scores(across)]
    if across["left_out"]:
        blocks.append(
            Paragraph(
                (
                    "Left out, since not in all of the cross-validations: ",
                    Value(f"{AT}.left_out", "names"),
                    ".",
                ),
                "note",
            )
        )
    if across["refused"] is not None:
        blocks.append(
            Paragraph(
                ("There is no critical-difference diagram: ", Value(f"{AT}.refused"), "."),
                "warning",
            )
        )
        return Section("across", ("Over all data sets",), tuple(blocks))
    blocks.append(
        Figure(
            FIGURE,
            (
                "Critical-difference diagram: mean ranks over ",
                Value(f"{AT}.dataset_count", "count"),
                " data sets. A bar joins models of which no pair was told apart.",
                cite(*across["sources"]),
            ),
            "Critical-difference diagram; mean ranks and pairs stand in the tables.",
        )
    )
    if across["overall"] is not None:
        blocks.append(
            Paragraph(
                (
                    "All models at once, by ",
                    Value(f"{AT}.overall.method_name"),
                    ": ",
                    Value(f"{AT}.overall.p", "p_equation"),
                    ".",
                )
            )
        )
    blocks.append(_pairs(across))
    decision: list[Part] = []
    for place in range(len(across["decision"])):
        decision += [" " if place else "", Value(f"{AT}.decision.{place}")]
    blocks.append(Paragraph(("Why these tests: ", *decision)))
    return Section("across", ("Over all data sets",), tuple(blocks))


def _scores(across: Mapping[str, Any]) -> Table:
    """Rows are data sets, of which there are more than models."""
    models = range(len(across["models"]))
    rows: list[tuple[Inline, ...]] = [
        (
            (Value(f"{AT}.datasets.{place}"),),
            *((Value(f"{AT}.models.{m}.scores.{place}", "score"),) for m in models),
        )
        for place in range(across["dataset_count"])
    ]
    if across["refused"] is None:
        rows.append(
            (
                ("Mean rank",),
                *((Value(f"{AT}.models.{m}.mean_rank", "rank"),) for m in models),
            )
        )
    return Table(
        "across",
        ("Mean ", Value(f"{AT}.metric_name"), " of each model on each data set"),
        (("Data set",), *((Value(f"{AT}.models.{m}.name"),) for m in models)),
        tuple(rows),
        wrapped={0: 0.25},
    )


def _pairs(across: Mapping[str, Any]) -> Table:
    rows = tuple(
        (
            (Value(f"{AT}.pairs.{place}.model"),),
            (Value(f"{AT}.pairs.{place}.reference"),),
            (Value(f"{AT}.pairs.{place}.difference", "difference"),),
            (Value(f"{AT}.pairs.{place}.p", "p"),),
            (Value(f"{AT}.pairs.{place}.outcome"),),
        )
        for place in range(len(across["pairs"]))
    )
    return Table(
        "across_pairs",
        (
            "Pairs over data sets, by ",
            Value(f"{AT}.pair_method"),
            "; p after Holm's correction. The difference is a median of differences.",
        ),
        (("Model",), ("Against",), ("Difference",), ("p",), ("Outcome",)),
        rows,
        words=(0, 1, 4),
        wrapped={0: 0.25, 1: 0.25},
    )
