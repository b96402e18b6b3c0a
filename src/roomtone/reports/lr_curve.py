"""The figure of a learning-rate range test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from roomtone.reports.style import Theme, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from roomtone.training.lr_curve import RangeTest

_HEADROOM = 0.15  # share of the smoothed curve's height left free above and below it


def draw_lr_curve(result: RangeTest, theme: Theme) -> Figure:
    """Draw the loss against the learning rate, with both suggested rates marked.

    The axis shows the range of the smoothed loss; a batch's loss beyond it is cut off.
    """
    figure = new_figure(6.0, 3.8)
    axis = figure.subplots()
    axis.semilogx(
        result.rates,
        result.losses,
        linestyle="",
        marker=".",
        markersize=4,
        color=theme.muted,
        alpha=0.6,
        label="Loss of each batch",
    )
    axis.semilogx(result.rates, result.smoothed, color=theme.validation, label="Smoothed")
    marks = (
        (result.suggested, theme.train, "-", "Suggested, a tenth of the lowest point's rate"),
        (result.steepest, theme.test, "--", "Steepest descent"),
    )
    for rate, colour, style, name in marks:
        label = f"{name}: {rate:g}"
        axis.axvline(rate, color=colour, linestyle=style, linewidth=1.4, label=label)
    low, high = min(result.smoothed), _first_level(result)
    room = _HEADROOM * (high - low)
    axis.set_ylim(max(0.0, low - room), high + 2 * room)
    axis.xaxis.set_major_formatter(lambda rate, _: f"{rate:g}")
    axis.set_xlabel("Learning rate (log scale)")
    axis.set_ylabel("Training loss (nats per text)")
    figure.legend(loc="outside upper left", ncols=2, columnspacing=1.6)
    return figure


def _first_level(result: RangeTest) -> float:
    """Find the highest smoothed loss up to the lowest one: what comes after may be anywhere."""
    lowest = result.smoothed.index(min(result.smoothed))
    return max(result.smoothed[: lowest + 1])
