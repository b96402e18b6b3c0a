"""Risk-coverage curves of several models in one figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from roomtone.reports.labels import legend_columns, short
from roomtone.reports.style import Theme, new_figure, series_line

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_WIDTH = 6.2
_LEAST_SHOWN = 0.02  # coverage below which the share of errors hangs on a few texts


def draw_risk_coverages(models: Sequence[Mapping[str, Any]], theme: Theme) -> Figure | None:
    """Draw the share of errors among the texts that are decided, against their share.

    Parameters
    ----------
    models : sequence of mapping
        As in ``report.json``: ``name`` and ``risk``; those without probabilities are left out.
    theme : Theme
        The colours.
    """
    known = [(place, model) for place, model in enumerate(models) if model["risk"] is not None]
    if not known:
        return None
    names = [f"{short(model['name'])} (area {model['risk']['aurc']:.3f})" for _, model in known]
    columns = legend_columns(names, _WIDTH)
    figure = new_figure(_WIDTH, 3.6 + 0.22 * -(-len(names) // columns))
    axis = figure.subplots()
    highest = 0.01
    for (place, model), name in zip(known, names, strict=True):
        curve, line = model["risk"], series_line(place, theme)
        points = [
            point
            for point in zip(curve["coverage"], curve["risk"], strict=True)
            if point[0] >= _LEAST_SHOWN
        ]
        coverage, risk = zip(*points, strict=True)
        highest = max(highest, *risk)
        axis.plot(coverage, risk, label=name, color=line.colour, linestyle=line.dash)
    axis.set_xlim(0, 1)
    axis.set_ylim(0, 1.08 * highest)
    axis.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}%")
    axis.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.3g}%")
    axis.set_xlabel("Coverage: share of the texts that are decided")
    axis.set_ylabel("Risk: share of errors among them")
    figure.legend(
        *axis.get_legend_handles_labels(),
        loc="outside upper left",
        ncols=columns,
        columnspacing=1.4,
        handlelength=2.6,
    )
    return figure
