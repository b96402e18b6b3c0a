"""The figure of a learning curve: a score against the training rows, with bands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from roomtone.experiments.learning_curve_result import LearningCurve
from roomtone.reports.style import Theme, new_figure
from roomtone.stats.naming import metric_name

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MARKERS = ("o-", "s--", "^-.", "D:")


def draw_learning_curve(curve: LearningCurve, theme: Theme) -> Figure:
    """Draw each model's mean score with its interval, on a logarithmic axis of the rows."""
    figure = new_figure(6.2, 4.0)
    axis = figure.subplots()
    colours = (theme.validation, theme.train, theme.test, theme.muted)
    models = list(dict.fromkeys(point.model for point in curve.points))
    for model, colour, style in zip(models, colours, _MARKERS, strict=False):
        points = curve.of(model)
        sizes = [point.size for point in points]
        low, high = ([getattr(point, end) for point in points] for end in ("low", "high"))
        axis.fill_between(sizes, low, high, color=colour, alpha=0.18, linewidth=0)
        axis.plot(
            sizes,
            [point.mean or 0.0 for point in points],
            style[1:],
            marker=style[0],
            markersize=5,
            color=colour,
            label=model,
        )
        for point in points:
            scores = [score for score in point.scores if score is not None]
            axis.plot(
                [point.size] * len(scores),
                scores,
                linestyle="",
                marker=".",
                markersize=3,
                color=colour,
                alpha=0.6,
            )
    axis.set_xscale("log")
    sizes = sorted({point.size for point in curve.points})
    axis.set_xticks(sizes, [f"{size:,}" for size in sizes])
    axis.minorticks_off()
    axis.set_xlabel("Training rows (log scale)")
    axis.set_ylabel(
        f"{metric_name(curve.metric).capitalize()} on {curve.rows:,} {curve.split} rows"
    )
    seeds = "1 seed" if len(curve.seeds) == 1 else f"{len(curve.seeds)} seeds"
    figure.legend(
        *axis.get_legend_handles_labels(),
        loc="outside upper left",
        ncols=4,
        title=f"Mean of {seeds}, with 95% intervals over rows and seeds; dots are single seeds",
        alignment="left",
    )
    return figure
