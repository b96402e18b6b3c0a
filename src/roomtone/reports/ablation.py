"""The figure of an ablation: how far each variant falls short of the full model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from roomtone.experiments.ablation_result import AblationResult, Variant
from roomtone.reports.style import Theme, new_figure
from roomtone.stats.naming import metric_name

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ROW = 0.34  # inches for a variant


def draw_ablation(result: AblationResult, theme: Theme) -> Figure:
    """Draw the difference of each variant from the full model as a point with its interval.

    The largest loss stands on top. An interval that leaves out zero is filled, another hollow.
    """
    shown = [v for v in result.variants if v.difference is not None]
    shown.sort(key=lambda variant: variant.difference or 0.0, reverse=True)
    full = result.variants[0]
    figure = new_figure(6.6, 1.5 + _ROW * max(1, len(shown)))
    axis = figure.subplots()
    axis.axvline(0, color=theme.muted, linewidth=1.2)
    for height, variant in enumerate(shown):
        _draw_variant(axis, height, variant, theme)
    axis.set_yticks(range(len(shown)), [_label(variant, full) for variant in shown])
    axis.set_ylim(-0.6, len(shown) - 0.4)
    axis.grid(False, axis="y")
    axis.set_xlabel(f"Difference in {metric_name(result.metric)} from the full model")
    axis.xaxis.set_major_formatter(lambda value, _: f"{value:+.3g}" if value else "0")
    figure.suptitle(
        f"Full model: {full.mean:.4f} ({full.low:.4f} to {full.high:.4f}), "
        f"{full.parameters:,} parameters\n{_measured(result)}",
        x=0.01,
        ha="left",
        fontsize=9,
        color=theme.ink,
    )
    return figure


def _draw_variant(axis: Any, height: int, variant: Variant, theme: Theme) -> None:
    low, high = variant.difference_low or 0.0, variant.difference_high or 0.0
    apart = not low <= 0 <= high
    colour = theme.validation if apart else theme.muted
    axis.plot([low, high], [height, height], color=colour, linewidth=1.8, solid_capstyle="butt")
    axis.plot(
        variant.difference,
        height,
        marker="o",
        markersize=6,
        markeredgecolor=colour,
        markeredgewidth=1.6,
        markerfacecolor=colour if apart else theme.paper,
    )


def _label(variant: Variant, full: Variant) -> str:
    """Name a variant, and its size where it is another."""
    if not variant.parameters or not full.parameters or variant.parameters == full.parameters:
        return variant.title
    return f"{variant.title} ({100 * variant.parameters / full.parameters:.0f}% size)"


def _measured(result: AblationResult) -> str:
    where = f"{result.folds} folds" if result.folds else f"{result.split} rows"
    seeds = "1 seed" if len(result.seeds) == 1 else f"{len(result.seeds)} seeds"
    return f"{result.rows:,} {where}, {seeds}; 95% intervals over rows and seeds"
