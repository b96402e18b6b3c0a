"""The figure of text lengths, with the length at which texts are cut."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from roomtone.reports.records import DataSummary, LengthHistogram
from roomtone.reports.style import Theme, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LABELS = {"train": "Training", "val": "Validation", "test": "Test"}


def draw_lengths(data: DataSummary, max_len: int | None, theme: Theme) -> Figure | None:
    """Draw how long the texts of each split are, in tokens.

    Returns
    -------
    Figure or None
        None if the data report holds no histogram.
    """
    drawn = {
        name: histogram
        for name, split in data.splits.items()
        if (histogram := split.length_histogram) and sum(histogram.counts)
    }
    if not drawn:
        return None
    figure = new_figure(6.0, 3.6)
    axis = figure.subplots()
    for name, histogram in drawn.items():
        _draw_split(axis, name, histogram, theme)
    longest, end = _longest(data, drawn), _axis_end(data, drawn, max_len)
    beyond = f" (the longest text has {longest:,.0f})" if longest > end else ""
    axis.set_xlabel(f"Length in tokens{beyond}")
    axis.set_ylabel("Texts per token of length (%)")
    if max_len is not None:
        # Where the line lies beyond the axis, its legend still says what the cut does.
        label = _cut_label(data, max_len, visible=max_len <= end)
        axis.axvline(max_len, color=theme.ink, linestyle="--", linewidth=1.4, label=label)
    axis.set_xlim(0, end)
    axis.set_ylim(bottom=0)
    figure.legend(loc="outside upper left", ncols=2, columnspacing=1.6)
    return figure


def _draw_split(axis: Any, name: str, histogram: LengthHistogram, theme: Theme) -> None:
    filled = name == "train"
    # Splits differ in the width of their bins; a share per token makes them comparable.
    widths = np.diff(histogram.edges)
    axis.stairs(
        100 * np.array(histogram.counts) / sum(histogram.counts) / widths,
        histogram.edges,
        label=_LABELS.get(name, name),
        color={"train": theme.train, "val": theme.validation}.get(name, theme.test),
        fill=filled,
        alpha=0.55 if filled else 1.0,
        linewidth=0 if filled else 1.6,
    )


def _longest(data: DataSummary, drawn: Mapping[str, LengthHistogram]) -> float:
    return max(data.splits[name].length.get("max", drawn[name].edges[-1]) for name in drawn)


def _axis_end(
    data: DataSummary, drawn: Mapping[str, LengthHistogram], max_len: int | None
) -> float:
    """End the axis where nearly all texts do, but show the cut if any text reaches it."""
    longest = _longest(data, drawn)
    usual = max(data.splits[name].length.get("p99", longest) for name in drawn)
    end = min(longest, 1.3 * usual)
    if max_len is not None and max_len <= longest:
        end = max(end, 1.1 * max_len)
    return max(end, 1.0)


def _cut_label(data: DataSummary, max_len: int, *, visible: bool) -> str:
    cut = data.splits["train"].cut if "train" in data.splits else None
    effect = "" if cut is None else f": cuts {cut:.1%} of training texts" if cut else ": cuts none"
    place = "" if visible else " (beyond the axis)"
    return f"max_len {max_len:,}{place}{effect}"
