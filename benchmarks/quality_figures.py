"""Figures of the quality benchmark: learning curves, and quality against training time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from candidates import AVERAGE, BASELINE, HYBRID
from labels import Labelled, label_points
from scores import Scored

from roomtone.files import write_bytes
from roomtone.reports.style import LIGHT, Theme, new_figure, render

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MARKS = {BASELINE: "o", HYBRID: "s", AVERAGE: "D"}
NAMES = {BASELINE: "Baselines", HYBRID: "Hybrids", AVERAGE: "Averages"}


def write_quality_figures(scored: Sequence[Scored], folder: Path) -> list[Path]:
    """Write each figure as PNG and PDF; return the paths."""
    drawn = {
        "learning_curves": lambda theme: draw_curves(scored, theme),
        "quality_and_minutes": lambda theme: draw_quality(scored, theme),
    }
    written = []
    for name, draw in drawn.items():
        for content, suffix in zip(render(draw, LIGHT, "png pdf"), ("png", "pdf"), strict=False):
            written.append(folder / f"{name}.{suffix}")
            write_bytes(written[-1], content)
    return written


def draw_curves(scored: Sequence[Scored], theme: Theme) -> Figure | None:
    """Draw macro-F1 by epoch, training and validation, a panel for each hybrid."""
    hybrids = [found for found in scored if found.history]
    if not hybrids:
        return None
    figure = new_figure(max(4.5, 3.4 * len(hybrids)), 3.4)
    panels = figure.subplots(1, len(hybrids), sharey=True, squeeze=False)[0]
    for panel, found in zip(panels, hybrids, strict=True):
        assert found.history is not None
        for split, label, colour, style in (
            ("train", "Training", theme.train, "o--"),
            ("val", "Validation", theme.validation, "s-"),
        ):
            values = found.history[f"{split}_f1_macro"]
            epochs = range(1, len(values) + 1)
            panel.plot(epochs, values, style, color=colour, label=label, markersize=4)
        panel.set_title(found.name, loc="left", fontsize=10)
        panel.set_xlabel("Epoch")
        panel.xaxis.get_major_locator().set_params(integer=True)
    panels[0].set_ylabel("Macro-F1")
    lines, names = panels[0].get_legend_handles_labels()
    figure.legend(lines, names, loc="outside upper left", ncols=2, columnspacing=1.6)
    return figure


def draw_quality(scored: Sequence[Scored], theme: Theme) -> Figure:
    """Draw test macro-F1, with its interval, against training minutes."""
    figure = new_figure(8.0, 5.2)
    axis = figure.subplots()
    colours = {BASELINE: theme.muted, HYBRID: theme.validation, AVERAGE: theme.train}
    trained = [found.training_minutes for found in scored if found.training_minutes > 0]
    # A logarithmic axis has no zero: what is not trained stands to the left of all the others.
    points = [_point(found, min(trained) / 3) for found in scored]
    for kind, mark in MARKS.items():
        chosen = [p for p, found in zip(points, scored, strict=True) if found.kind == kind]
        if chosen:
            axis.errorbar(
                [p.x for p in chosen],
                [p.y for p in chosen],
                yerr=([p.y - p.low for p in chosen], [p.high - p.y for p in chosen]),
                fmt=mark,
                color=colours[kind],
                elinewidth=1,
                markersize=6,
                label=NAMES[kind],
            )
    axis.set_xscale("log")
    axis.margins(x=0.12, y=0.08)
    _plain_numbers(axis)
    untrained = " (what is not trained stands at the left)" * (len(trained) < len(scored))
    axis.set_xlabel(f"Training, minutes{untrained}")
    axis.set_ylabel("Test macro-F1, with 95% intervals")
    figure.legend(loc="outside upper left", ncols=3, columnspacing=1.6)
    label_points(figure, axis, points, theme)
    return figure


def _plain_numbers(axis: Any) -> None:
    """Write 0.1 and 1 rather than powers of ten; where they are few, 0.2 and 0.5 as well."""
    from matplotlib.ticker import LogLocator, NullFormatter

    low, high = axis.get_xlim()
    if high < 100 * low:
        axis.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.xaxis.set_major_formatter("{x:g}")
    axis.xaxis.set_minor_formatter(NullFormatter())


def _point(found: Scored, edge: float) -> Labelled:
    y, interval = found.test["f1_macro"], found.intervals["f1_macro"]
    # A corrected interval need not hold the estimate itself.
    low, high = min(y, interval["low"]), max(y, interval["high"])
    return Labelled(found.name, found.training_minutes or edge, y, low, high)
