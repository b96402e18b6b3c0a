"""The figure of a search: each trial, the best so far, and the gain without luck."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from roomtone.experiments.tuning_result import BASE, TuningResult
from roomtone.reports.style import Theme, new_figure
from roomtone.stats.naming import metric_name

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_tuning(result: TuningResult, theme: Theme) -> Figure:
    """Draw the trials in their order, and at the right what the best one gains on other rows."""
    figure = new_figure(6.6, 3.9)
    axis = figure.subplots()
    done = [(n, t.value) for n, t in enumerate(result.trials) if t.done and t.value is not None]
    numbers, values = [n for n, _ in done], [value for _, value in done]
    pick = min if result.minimised else max
    best = [pick(values[: place + 1]) for place in range(len(values))]
    axis.plot(
        numbers,
        values,
        linestyle="",
        marker="o",
        markersize=5,
        markerfacecolor=theme.paper,
        markeredgecolor=theme.validation,
        markeredgewidth=1.4,
        label="Trial",
    )
    axis.step(numbers, best, where="post", color=theme.validation, label="Best so far")
    _mark_lost(axis, result, theme)
    base = result[BASE].value
    if base is not None:
        axis.axhline(
            base,
            color=theme.muted,
            linestyle="--",
            linewidth=1.2,
            label="Configuration as it was",
            zorder=1.5,
        )
        if result.noise is not None:
            _draw_corrected(axis, base, result, theme)
    _mark_groups(axis, result, theme)
    axis.set_xlabel("Trial")
    axis.set_ylabel(f"Validation {metric_name(result.monitor.removeprefix('val_'))}")
    axis.locator_params(axis="x", integer=True)
    figure.legend(
        *axis.get_legend_handles_labels(), loc="outside upper left", ncols=2, columnspacing=1.6
    )
    return figure


def _draw_corrected(axis: Any, base: float, result: TuningResult, theme: Theme) -> None:
    noise = result.noise or {}
    sign = -1 if result.minimised else 1
    middle, *ends = (base + sign * noise[key] for key in ("corrected", "low", "high"))
    place = len(result.trials) + max(0.5, len(result.trials) / 40)
    axis.errorbar(
        [place],
        [middle],
        yerr=[[abs(middle - min(ends))], [abs(max(ends) - middle)]],
        color=theme.train,
        marker="D",
        markersize=6,
        capsize=4,
        linestyle="",
        label="Choosing the best, measured on other rows (95% of resamples)",
    )


def _mark_lost(axis: Any, result: TuningResult, theme: Theme) -> None:
    """Mark trials without a score at the foot of the figure."""
    lost = {"pruned": ("|", "Ended early"), "failed": ("x", "Failed")}
    for status, (marker, label) in lost.items():
        numbers = [n for n, trial in enumerate(result.trials) if trial.status == status]
        if numbers:
            axis.plot(
                numbers,
                [0.02] * len(numbers),
                transform=axis.get_xaxis_transform(),
                linestyle="",
                marker=marker,
                color=theme.muted,
                label=label,
            )


def _mark_groups(axis: Any, result: TuningResult, theme: Theme) -> None:
    """Name the group of the guide that trials belong to, above where it begins."""
    axis.grid(False, axis="x")
    before = None
    for number, trial in enumerate(result.trials):
        group = result.groups.get(trial.name, "")
        if group != before and number and group != "Optuna":
            axis.axvline(number - 0.5, color=theme.muted, linestyle=":", linewidth=1.0)
            axis.text(
                number - 0.4,
                1.01,
                group,
                transform=axis.get_xaxis_transform(),
                rotation=30,
                rotation_mode="anchor",
                fontsize=8,
                color=theme.muted,
            )
        before = group
