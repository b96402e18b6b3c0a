"""The figure of comprehensiveness and sufficiency: what methods' words are worth against chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from roomtone.explain.measured import Faithfulness
from roomtone.reports.style import Theme, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MARKERS = "osD^v"
_PANELS = (
    ("comprehensiveness", "Without them (comprehensiveness)\nhigher is better"),
    ("sufficiency", "With them alone (sufficiency)\nlower is better"),
)


def draw_faithfulness(result: Faithfulness, theme: Theme) -> Figure:
    """Draw what the probability of the predicted class loses against the share of words."""
    figure = new_figure(7.0, 3.9)
    axes = figure.subplots(1, 2)
    colours = [theme.validation, theme.train, theme.test, theme.ink, theme.muted]
    places = range(len(result.shares))
    for axis, (measure, title) in zip(axes, _PANELS, strict=True):
        for number, curve in enumerate(result.curves):
            chance = curve.method in ("random", "uniform")
            axis.plot(
                places,
                getattr(curve, measure),
                label=curve.title,
                color=theme.muted if chance else colours[number % len(colours)],
                linestyle={"random": "--", "uniform": ":"}.get(curve.method, "-"),
                marker="" if chance else _MARKERS[number % len(_MARKERS)],
                markersize=4.5,
            )
        axis.axhline(0, color=theme.muted, linewidth=0.8)
        axis.set_title(title, fontsize=10)
        axis.set_xticks(places, [f"{share:.0%}" for share in result.shares])
        axis.set_xlabel("Share of the words that weigh most")
    axes[0].set_ylabel("Loss of probability")
    figure.legend(
        *axes[0].get_legend_handles_labels(),
        loc="outside upper left",
        ncols=3,
        columnspacing=1.6,
        title=f"{result.model}: {result.texts:,} texts",
        alignment="left",
    )
    return figure
