"""Training histories of many runs: of the folds of a cross-validation, or of a study's runs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from roomtone.errors import DataError
from roomtone.experiments.record import Cell
from roomtone.reports.crossval.chapter import Chapter
from roomtone.reports.curve_bands import bands
from roomtone.reports.document.blocks import Figure, Inline, Section, Value
from roomtone.training.run_folder import RunFolder

History = Mapping[str, Sequence[float | None]]


def of_cells(cells: Sequence[Cell]) -> dict[str, Any] | None:
    """Sum up the histories of a model's cells; None where they kept none."""
    histories = [cell.details["history"] for cell in cells if "history" in cell.details]
    return summed(histories) if histories else None


def of_runs(runs: Sequence[Path]) -> dict[str, Any] | None:
    """Sum up the histories of training runs, by their folders; None where there are none.

    Raises
    ------
    DataError
        If a history is damaged.
    """
    histories = []
    for run in runs:
        path = RunFolder(run).history
        if not path.is_file():
            continue
        try:
            histories.append(json.loads(path.read_text(encoding="utf-8"))["history"])
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(f"{path}: damaged: {error}") from None
    return summed(histories) if histories else None


def summed(histories: Sequence[History]) -> dict[str, Any]:
    """Sum histories up, as ``report.json`` has them."""
    lengths = [max(map(len, history.values())) for history in histories]
    return {
        "runs": len(histories),
        "shortest": min(lengths),
        "longest": max(lengths),
        "series": bands(histories),
    }


def curves_figure(facts: Mapping[str, Any], name: str, at: str, of: Value | str) -> Figure:
    """Place the figure of summed histories in a report.

    Parameters
    ----------
    facts : mapping
        The sums.
    name : str
        Of the figure.
    at : str
        The place of the sums in ``report.json``.
    of : Value or str
        Whose they are.
    """
    return Figure(
        name,
        (
            of,
            ": mean and range over ",
            Value(f"{at}.runs", "count"),
            *_lengths(facts, at),
        ),
        "Training curves; the values stand in report.json.",
    )


def _lengths(facts: Mapping[str, Any], at: str) -> Inline:
    longest = Value(f"{at}.longest", "count")
    if facts["shortest"] == facts["longest"]:
        return (" fits of ", longest, " epochs.")
    return (
        " fits, which ended after ",
        Value(f"{at}.shortest", "count"),
        " to ",
        longest,
        " epochs. Later epochs are those of fewer fits, so that the mean may jump.",
    )


def training_section(chapter: Chapter) -> Section | None:
    """Show the training curves of the models that have epochs."""
    known = [place for place, model in enumerate(chapter.models) if model["curves"]]
    if not known:
        return None
    return Section(
        chapter.key("training"),
        chapter.title("Training"),
        tuple(
            curves_figure(
                chapter.models[place]["curves"],
                chapter.figure_of("training_curves", place),
                f"{chapter.at}.models.{place}.curves",
                chapter.name(place),
            )
            for place in known
        ),
    )
