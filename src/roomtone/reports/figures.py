"""All figures of a run, as files for a thesis and as pictures for the report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from roomtone.files import write_bytes
from roomtone.reports.curves import draw_training_curves
from roomtone.reports.heatmap import draw_confusion_matrix
from roomtone.reports.lengths import draw_lengths
from roomtone.reports.reliability import draw_reliability
from roomtone.reports.run_folder import RunResult
from roomtone.reports.style import LIGHT, Theme, render

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FIGURES: Mapping[str, Callable[[RunResult, Theme], Figure | None]] = MappingProxyType(
    {
        "training_curves": lambda run, theme: draw_training_curves(run.history, theme),
        "confusion_matrix": lambda run, theme: draw_confusion_matrix(run.evaluation, theme),
        "reliability_diagram": lambda run, theme: draw_reliability(run.predictions, theme),
        "length_histogram": lambda run, theme: draw_lengths(run.data, run.max_len, theme),
    }
)


def write_figures(result: RunResult, folder: Path) -> list[Path]:
    """Write every figure that the run has data for, as PNG (300 dpi) and PDF.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    RoomtoneError
        If the folder cannot be written to.
    """
    written = []
    for name, draw in FIGURES.items():
        encoded = render(partial(draw, result), LIGHT, "png pdf")
        for content, suffix in zip(encoded, (".png", ".pdf"), strict=False):
            path = folder / f"{name}{suffix}"
            write_bytes(path, content)
            written.append(path)
    return written
