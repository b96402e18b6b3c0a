"""The figure of loss and macro-F1 over the epochs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from roomtone.reports.records import History
from roomtone.reports.style import Theme, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_PANELS = (("loss", "Loss (nats per text)"), ("f1_macro", "Macro-F1"))
_LEAST_RANGE = 0.05
_MOST_MARKED_EPOCHS = 30  # beyond, a marker on each epoch hides the line


def draw_training_curves(history: History, theme: Theme) -> Figure | None:
    """Draw loss and macro-F1 of training and validation, with the best epoch marked.

    Returns
    -------
    Figure or None
        None if the history holds no epoch.
    """
    series = {
        name: [math.nan if value is None else value for value in values]
        for name, values in history.history.items()
    }
    panels = [
        (metric, label)
        for metric, label in _PANELS
        if series.get(f"train_{metric}") or series.get(f"val_{metric}")
    ]
    if not panels:
        return None
    figure = new_figure(6.0, 0.6 + 2.3 * len(panels))
    axes = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    for axis, (metric, label) in zip(axes, panels, strict=True):
        axis.set_ylabel(label)
        _draw_series(axis, series.get(f"train_{metric}", []), "Training", theme.train, "o--")
        _draw_series(axis, series.get(f"val_{metric}", []), "Validation", theme.validation, "s-")
        _mark_best(axis, series.get(f"val_{metric}", []), history, theme)
        _widen(axis)
    figure.align_ylabels(axes)
    _label_epochs(axes[-1], max(len(values) for values in series.values()))
    figure.legend(
        *axes[0].get_legend_handles_labels(), loc="outside upper left", ncols=3, columnspacing=1.6
    )
    return figure


def _draw_series(axis: Any, values: list[float], label: str, colour: str, style: str) -> None:
    if not values:
        return
    marker, line = style[0], style[1:]
    axis.plot(
        range(1, len(values) + 1),
        values,
        label=label,
        color=colour,
        linestyle=line,
        marker=marker if len(values) <= _MOST_MARKED_EPOCHS else "",
        markersize=4,
    )


def _mark_best(axis: Any, validation: list[float], history: History, theme: Theme) -> None:
    facts = history.metadata
    if facts.best_epoch is None:
        return
    label = f"Best epoch: {facts.best_epoch}"
    if facts.stopped_early:
        label += f" (stopped early after {facts.total_epochs})"
    axis.axvline(facts.best_epoch, color=theme.muted, linestyle=":", linewidth=1.4, label=label)
    if facts.best_epoch <= len(validation):
        axis.plot(
            facts.best_epoch,
            validation[facts.best_epoch - 1],
            marker="o",
            markersize=10,
            markerfacecolor="none",
            markeredgecolor=theme.ink,
            markeredgewidth=1.4,
        )


def _widen(axis: Any) -> None:
    """Keep the axis from blowing tiny differences up, as after a single epoch."""
    low, high = axis.get_ylim()
    if high - low < _LEAST_RANGE:
        middle = (low + high) / 2
        axis.set_ylim(middle - _LEAST_RANGE / 2, middle + _LEAST_RANGE / 2)


def _label_epochs(axis: Any, epochs: int) -> None:
    axis.set_xlabel("Epoch")
    axis.set_xlim(1 - max(0.5, epochs / 60), epochs + max(0.5, epochs / 60))
    step = next(size for size in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if epochs <= 12 * size)
    first = [1] if step > 2 else []  # beside 2 it would be crowded
    axis.set_xticks([*first, *range(step, epochs + 1, step)])
