"""The figures that compare models: scores with their intervals, and differences of pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from roomtone.reports.labels import lines_of, width_of
from roomtone.reports.style import Theme, new_figure
from roomtone.stats.naming import metric_name

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_PLOT = 4.4  # inches of the axis itself
_LINE = 0.21  # inches of a line of a label


def draw_scores(models: Sequence[Mapping[str, Any]], metric: str, theme: Theme) -> Figure:
    """Draw each model's mean over folds with its interval, and the folds themselves.

    Parameters
    ----------
    models : sequence of mapping
        As in ``report.json``: ``name``, ``scores``, ``fold_scores``.
    metric : str
        One of the scores.
    theme : Theme
        The colours.
    """
    shown = [model for model in models if model["scores"][metric]["mean"] is not None]
    shown = sorted(shown, key=lambda model: float(model["scores"][metric]["mean"]))
    names = [lines_of(model["name"]) for model in shown]
    heights = _heights(names)
    figure = new_figure(width_of(names) + _PLOT, 1.25 + sum(_sizes(names)))
    axis = figure.subplots()
    for place, (height, model) in enumerate(zip(heights, shown, strict=True)):
        score = model["scores"][metric]
        folds = [fold[metric] for fold in model["fold_scores"] if fold[metric] is not None]
        axis.plot(
            folds,
            np.full(len(folds), height - 0.1),
            linestyle="none",
            marker="|",
            markersize=5,
            markeredgecolor=theme.muted,
            label="One fold" if place == 0 else None,
        )
        if score["low"] is not None:
            axis.plot(
                [score["low"], score["high"]],
                [height, height],
                color=theme.validation,
                linewidth=2.2,
                label="Interval of the mean" if place == len(shown) - 1 else None,
            )
        axis.plot(
            score["mean"],
            height,
            marker="o",
            markersize=7,
            linestyle="none",
            color=theme.validation,
            markeredgecolor=theme.paper,
            label="Mean over folds" if place == 0 else None,
        )
    _finish(axis, heights, names)
    axis.set_xlabel(_capital(metric_name(metric)))
    figure.legend(
        *axis.get_legend_handles_labels(), loc="outside upper left", ncols=3, columnspacing=1.4
    )
    return figure


def draw_differences(family: Mapping[str, Any], theme: Theme) -> Figure | None:
    """Draw the difference of each pair of models with its interval.

    A pair that was told apart is filled, another hollow. The grey band is the region in which a
    difference is taken to be none.

    Parameters
    ----------
    family : mapping
        Comparisons of one metric, as in ``report.json``.
    theme : Theme
        The colours.
    """
    rows = [row for row in family["rows"] if row["difference"] is not None and row["model"]]
    if not rows:
        return None
    rows = sorted(rows, key=lambda row: float(row["difference"]))
    names = [
        f"{lines_of(row['model'], 30, 1)}\nagainst {lines_of(row['reference'], 24, 1)}"
        for row in rows
    ]
    names = [name if len(name) > 32 else name.replace("\n", " ") for name in names]
    heights = _heights(names)
    figure = new_figure(width_of(names) + _PLOT, 1.35 + sum(_sizes(names)))
    axis = figure.subplots()
    if family["rope"]:
        axis.axvspan(
            -family["rope"], family["rope"], color=theme.grid, label="Practically equal", zorder=0
        )
    axis.axvline(0, color=theme.muted, linewidth=1.2)
    for height, row in zip(heights, rows, strict=True):
        apart = row["outcome"] in ("better", "worse")
        colour = theme.validation if apart else theme.muted
        axis.plot([row["low"], row["high"]], [height, height], color=colour, linewidth=2.0)
        axis.plot(
            row["difference"],
            height,
            marker="o",
            markersize=6.5,
            markeredgecolor=colour,
            markeredgewidth=1.6,
            markerfacecolor=colour if apart else theme.paper,
        )
    _finish(axis, heights, names)
    axis.plot([], [], "o", color=theme.validation, label="Told apart")
    axis.plot([], [], "o", color=theme.muted, markerfacecolor=theme.paper, label="Not told apart")
    axis.set_xlabel(f"Difference in {family['metric_name']}")
    axis.xaxis.set_major_formatter(lambda value, _: f"{value:+.3g}" if value else "0")
    figure.legend(
        *axis.get_legend_handles_labels(), loc="outside upper left", ncols=3, columnspacing=1.4
    )
    return figure


def _sizes(names: Sequence[str]) -> list[float]:
    """Give each row the room of its label, in inches."""
    return [0.16 + _LINE * len(name.splitlines()) for name in names]


def _heights(names: Sequence[str]) -> list[float]:
    sizes = _sizes(names)
    ends = np.cumsum(sizes)
    return [float(end - size / 2) for end, size in zip(ends, sizes, strict=True)]


def _finish(axis: Any, heights: Sequence[float], names: Sequence[str]) -> None:
    axis.set_yticks(heights, names)
    axis.set_ylim(0, sum(_sizes(names)))
    axis.grid(False, axis="y")
    axis.tick_params(axis="y", length=0)


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]
