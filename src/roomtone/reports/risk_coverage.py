"""The risk-coverage curve: how many errors are left where only confident answers count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from roomtone.reports.style import Theme, new_figure
from roomtone.stats.selective import RiskCoverage

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_risk_coverage(curve: RiskCoverage, theme: Theme) -> Figure:
    """Draw the share of errors among the texts that are decided, against their share."""
    figure = new_figure(6.0, 4.2)
    axis = figure.subplots()
    whole = curve.risk[-1]
    axis.axhline(whole, color=theme.muted, linestyle="--", linewidth=1.2, label="Never abstaining")
    axis.plot(
        curve.coverage, curve.risk, color=theme.test, label="The least confident texts left out"
    )
    axis.set_xlim(0, 1)
    axis.set_ylim(0, 1.15 * max(*curve.risk, 0.01))
    axis.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}%")
    axis.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.3g}%")
    axis.set_xlabel("Coverage: share of the texts that are decided")
    axis.set_ylabel("Risk: share of errors among them")
    figure.legend(
        *axis.get_legend_handles_labels(),
        loc="outside upper left",
        ncols=2,
        columnspacing=1.6,
        title=f"Area under the curve: {curve.aurc:.4f} "
        f"({curve.best_aurc:.4f} at best; {curve.n:,} texts)",
        alignment="left",
    )
    return figure
