"""Training curves of several runs: their mean, and the range of all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from roomtone.reports.style import Theme, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PANELS = (("loss", "Loss (nats per text)"), ("f1_macro", "Macro-F1"))


def bands(histories: Sequence[Mapping[str, Sequence[float | None]]]) -> list[dict[str, Any]]:
    """Sum training histories up, epoch by epoch, over the runs that reached it.

    Parameters
    ----------
    histories : sequence of mapping
        For each run and series (``train_loss``, ``val_f1_macro``, …) a value for each epoch.

    Returns
    -------
    list of dict
        For each series ``name``, ``mean``, ``low`` and ``high`` (the least and the greatest) and
        ``runs``, how many reached the epoch.
    """
    found = []
    for split in ("train", "val"):
        for metric, _ in PANELS:
            name = f"{split}_{metric}"
            series = [history[name] for history in histories if history.get(name)]
            if not series:
                continue
            table = _aligned(series)
            # Every run has a first epoch, so that no column is empty.
            found.append(
                {
                    "name": name,
                    "mean": np.nanmean(table, axis=0).tolist(),
                    "low": np.nanmin(table, axis=0).tolist(),
                    "high": np.nanmax(table, axis=0).tolist(),
                    "runs": np.isfinite(table).sum(axis=0).tolist(),
                }
            )
    return found


def draw_curve_bands(series: Sequence[Mapping[str, Any]], theme: Theme) -> Figure | None:
    """Draw mean and range of loss and macro-F1 for each epoch.

    Parameters
    ----------
    series : sequence of mapping
        As of `bands`.
    theme : Theme
        The colours.
    """
    known = {entry["name"]: entry for entry in series}
    panels = [
        (metric, label)
        for metric, label in PANELS
        if f"train_{metric}" in known or f"val_{metric}" in known
    ]
    if not panels:
        return None
    figure = new_figure(6.0, 0.7 + 2.3 * len(panels))
    axes = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    looks = (
        ("train", "Training", theme.train, "--"),
        ("val", "Validation", theme.validation, "-"),
    )
    for axis, (metric, label) in zip(axes, panels, strict=True):
        axis.set_ylabel(label)
        for split, name, colour, dash in looks:
            if entry := known.get(f"{split}_{metric}"):
                _draw_band(axis, entry, name, colour, dash)
    axes[-1].set_xlabel("Epoch")
    axes[-1].xaxis.get_major_locator().set_params(integer=True)
    figure.align_ylabels(axes)
    figure.legend(
        *axes[0].get_legend_handles_labels(), loc="outside upper left", ncols=4, columnspacing=1.4
    )
    return figure


def _draw_band(axis: Any, entry: Mapping[str, Any], name: str, colour: str, dash: str) -> None:
    epochs = range(1, len(entry["mean"]) + 1)
    axis.fill_between(epochs, entry["low"], entry["high"], color=colour, alpha=0.18, linewidth=0)
    axis.plot(
        epochs,
        entry["mean"],
        color=colour,
        linestyle=dash,
        marker="o" if len(epochs) <= 30 else "",
        markersize=3.5,
        label=f"{name} (mean, range)",
    )


def _aligned(series: Sequence[Sequence[float | None]]) -> NDArray[np.float64]:
    """Stack runs of different length, NaN after a run's end."""
    table = np.full((len(series), max(map(len, series))), np.nan)
    for row, values in zip(table, series, strict=True):
        row[: len(values)] = [np.nan if value is None else value for value in values]
    return table[:, np.isfinite(table).any(axis=0)]
