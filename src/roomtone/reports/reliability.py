"""The reliability diagram: how often predictions of each confidence are right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from roomtone.reports.predictions import Predictions
from roomtone.reports.style import Theme, new_figure
from roomtone.stats import ReliabilityBins, reliability_bins
from roomtone.stats.proportions import exact_interval

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_reliability(predictions: Predictions, theme: Theme) -> Figure | None:
    """Draw accuracy against confidence in 15 bins of equal width, and the size of each bin.

    Returns
    -------
    Figure or None
        None if the run recorded no probabilities.
    """
    if predictions.probs is None:
        return None
    return draw_bins(reliability_bins(predictions.probs, predictions.labels), theme)


def draw_bins(bins: ReliabilityBins, theme: Theme) -> Figure:
    """Draw accuracy against confidence in bins that are there already."""
    figure = new_figure(6.0, 5.6)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3.2, 1))
    _draw_accuracy(upper, bins, theme)
    _draw_counts(lower, bins, theme)
    figure.align_ylabels((upper, lower))
    figure.legend(
        *upper.get_legend_handles_labels(),
        loc="outside upper left",
        ncols=2,
        columnspacing=1.6,
        title=f"Expected calibration error: {bins.ece:.3f} "
        f"({sum(bins.count):,} texts, {len(bins.count)} bins)",
        alignment="left",
    )
    return figure


def _draw_accuracy(axis: Any, bins: ReliabilityBins, theme: Theme) -> None:
    filled = np.flatnonzero(bins.count)
    left, right = np.array(bins.edges[:-1])[filled], np.array(bins.edges[1:])[filled]
    centres, width = (left + right) / 2, 0.9 * (right - left)
    accuracy = np.array(bins.accuracy)[filled]
    axis.plot([0, 1], [0, 1], color=theme.muted, linestyle="--", linewidth=1.2, label="Calibrated")
    axis.bar(centres, accuracy, width=width, color=theme.validation, alpha=0.45, label="Accuracy")
    count = np.array(bins.count)[filled]
    low, high = exact_interval(np.round(accuracy * count), count)
    axis.errorbar(
        centres,
        accuracy,
        yerr=(np.maximum(accuracy - low, 0), np.maximum(high - accuracy, 0)),
        fmt="none",
        ecolor=theme.validation,
        elinewidth=1.4,
        capsize=3,
        label="95% interval of the accuracy",
    )
    axis.hlines(
        np.array(bins.confidence)[filled],
        centres - width / 2,
        centres + width / 2,
        color=theme.train,
        linewidth=2.4,
        label="Mean confidence",
    )
    axis.set_ylim(0, 1.02)
    axis.set_ylabel("Accuracy")


def _draw_counts(axis: Any, bins: ReliabilityBins, theme: Theme) -> None:
    edges = np.array(bins.edges)
    axis.bar(
        (edges[:-1] + edges[1:]) / 2, bins.count, width=0.9 * np.diff(edges), color=theme.muted
    )
    axis.set_ylabel("Texts")
    axis.yaxis.get_major_locator().set_params(integer=True, nbins=3)
    axis.yaxis.set_major_formatter("{x:,.0f}")
    axis.set_xlabel("Confidence: probability of the predicted class")
    axis.set_xlim(0, 1)
