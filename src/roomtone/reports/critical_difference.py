"""The critical-difference diagram: mean ranks of models over data sets (Demšar 2006)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from roomtone.reports.labels import short, width_of
from roomtone.reports.style import Theme, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SCALE = 4.2  # inches of the axis
_STEP = 0.3  # inches from one label to the next
_BAR = 0.14  # inches from one bar to the next


def draw_critical_difference(across: Mapping[str, Any], theme: Theme) -> Figure | None:
    """Draw mean ranks on a scale, the best on the left; bars join models not told apart.

    Pairs are tested by Wilcoxon's signed-rank test with Holm's correction, and not by the
    difference of mean ranks, which depends on the other models (Benavoli, Corani & Mangili 2016).

    Parameters
    ----------
    across : mapping
        As in ``report.json``.
    theme : Theme
        The colours.

    Returns
    -------
    Figure or None
        None where the ranks could not be compared.
    """
    if across["refused"] is not None:
        return None
    models, bars = across["models"], across["groups"]
    names = [f"{short(model['name'])}  {model['mean_rank']:.2f}" for model in models]
    half = math.ceil(len(models) / 2)
    sides = names[:half], names[half:]
    left, right = (width_of(list(side)) + 0.35 for side in sides)
    depth = 0.3 + _BAR * len(bars) + _STEP * half
    figure = new_figure(_SCALE + left + right, depth + 0.75)
    axis = figure.subplots()
    low, high = 1, len(models)
    unit = (high - low) / _SCALE  # ranks in an inch
    axis.set_xlim(low - left * unit, high + right * unit)
    axis.set_ylim(-depth, 0.45)
    axis.axis("off")
    _draw_scale(axis, low, high, theme)
    ranks = [float(model["mean_rank"]) for model in models]
    for place, (rank, name) in enumerate(zip(ranks, names, strict=True)):
        at_left = place < half
        level = place if at_left else len(models) - 1 - place
        height = -(0.3 + _BAR * len(bars) + _STEP * level)
        end = low - 0.12 * unit if at_left else high + 0.12 * unit
        axis.plot([rank, rank, end], [0, height, height], color=theme.muted, linewidth=1.2)
        axis.text(
            end - 0.06 * unit if at_left else end + 0.06 * unit,
            height,
            name,
            ha="right" if at_left else "left",
            va="center",
        )
    _draw_bars(axis, bars, ranks, unit, theme)
    return figure


def _draw_scale(axis: Any, low: int, high: int, theme: Theme) -> None:
    axis.plot([low, high], [0, 0], color=theme.ink, linewidth=1.4)
    for rank in range(low, high + 1):
        axis.plot([rank, rank], [0, 0.09], color=theme.ink, linewidth=1.2)
        axis.text(rank, 0.13, str(rank), ha="center", va="bottom")
    axis.text((low + high) / 2, 0.36, "Mean rank (1 is the best)", ha="center", va="bottom")


def _draw_bars(
    axis: Any, bars: Sequence[Sequence[int]], ranks: Sequence[float], unit: float, theme: Theme
) -> None:
    for place, (first, last) in enumerate(bars):
        height = -(0.14 + _BAR * place)
        axis.plot(
            [ranks[first] - 0.05 * unit, ranks[last] + 0.05 * unit],
            [height, height],
            color=theme.validation,
            linewidth=4.5,
            solid_capstyle="butt",
        )
