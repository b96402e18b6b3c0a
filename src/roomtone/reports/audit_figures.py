"""The figures of an audit: shares of the classes, and lengths, of each file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from roomtone.data.audit.result import Audit
from roomtone.reports.style import Theme, new_figure
from roomtone.stats.proportions import exact_interval

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MARKERS = ("o", "s", "^")
_DASHES = ("-", "--", ":")
_MOST_CLASSES = 12


def draw_shares(audit: Audit, theme: Theme) -> Figure | None:
    """Draw the share of each class in each file, with exact 95 % intervals.

    Returns
    -------
    Figure or None
        None if no row has a label.
    """
    files = [file for file in audit.files if sum(file.labels.values())]
    if not files:
        return None
    names = sorted(audit.class_names, key=lambda name: -max(file.labels[name] for file in files))[
        :_MOST_CLASSES
    ]
    names = [name for name in audit.class_names if name in names]
    figure = new_figure(6.0, 1.3 + 0.5 * len(names))
    axis = figure.subplots()
    places = np.arange(len(names))
    for number, file in enumerate(files):
        counts = np.array([file.labels[name] for name in names])
        total = sum(file.labels.values())
        low, high = exact_interval(counts, np.full(counts.size, total))
        share = counts / total
        axis.errorbar(
            100 * share,
            places + 0.18 * (number - (len(files) - 1) / 2),
            xerr=100 * np.array([share - low, high - share]),
            fmt=_MARKERS[number],
            color=_colour(theme, number),
            markersize=6,
            capsize=3,
            label=file.name,
        )
    axis.set_yticks(places, [name if len(name) <= 24 else f"{name[:23]}…" for name in names])
    axis.set_ylim(len(names) - 0.5, -0.5)
    axis.set_xlim(left=0)
    axis.set_xlabel("Share of the labelled rows (%)")
    figure.legend(loc="outside upper left", ncols=3, columnspacing=1.6)
    return figure


def draw_text_lengths(audit: Audit, theme: Theme) -> Figure | None:
    """Draw how long the texts of each file are, in characters; longer ones are in the last bin."""
    files = [file for file in audit.files if file.rows]
    edges = np.array(files[0].length_histogram["edges"])
    shown = edges.copy()
    if edges.size > 2:
        shown[-1] = 2 * edges[-2] - edges[-3]
    figure = new_figure(6.0, 3.2)
    axis = figure.subplots()
    for number, file in enumerate(files):
        counts = np.array(file.length_histogram["counts"])
        axis.stairs(
            100 * counts / counts.sum(),
            shown,
            color=_colour(theme, number),
            linestyle=_DASHES[number],
            linewidth=1.8,
            label=file.name,
        )
    longest = max(file.lengths["max"] for file in files)
    beyond = f" (the longest text has {longest:,.0f}; the last bin takes in all longer ones)"
    axis.set_xlabel("Length in characters" + (beyond if longest > shown[-1] else ""))
    axis.set_ylabel("Texts (%)")
    axis.set_xlim(0, int(shown[-1]))
    axis.set_ylim(bottom=0)
    figure.legend(loc="outside upper left", ncols=3, columnspacing=1.6)
    return figure


def _colour(theme: Theme, number: int) -> str:
    return (theme.train, theme.validation, theme.test)[number]
