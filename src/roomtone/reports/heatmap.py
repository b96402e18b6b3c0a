"""The figure of the confusion matrix: counts, and the share of each true class."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from roomtone.reports.records import Evaluation
from roomtone.reports.style import Theme, new_figure
from roomtone.stats.confusion import divide

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_FEW_CLASSES = 6
_MANY_CLASSES = 10
_LETTER_WIDTH = 0.083  # inches, of the tick labels' font at 10 points


def draw_confusion_matrix(evaluation: Evaluation, theme: Theme) -> Figure:
    """Draw the confusion matrix, each cell coloured by its share of the row."""
    return draw_confusion(evaluation.metrics.confusion, evaluation.class_names, theme)


def draw_confusion(
    confusion: Sequence[Sequence[int]], class_names: Sequence[str], theme: Theme
) -> Figure:
    """Draw counts ``confusion[true][predicted]``, each cell coloured by its share of the row."""
    counts = np.array(confusion)
    shares = divide(counts, counts.sum(axis=1, keepdims=True))
    classes = len(counts)
    cell = float(np.clip(4.4 / classes, 0.45, 1.25))
    names = [_shorten(name, classes) for name in class_names]
    margin = _LETTER_WIDTH * max(len(line) for name in names for line in name.splitlines())
    figure = new_figure(classes * cell + margin + 0.9, classes * cell + min(margin, 2.2) + 0.9)
    axis = figure.subplots()
    axis.imshow(shares, cmap=share_colours(theme), vmin=0, vmax=1)
    _write_cells(axis, counts, shares, theme)
    slanted = margin > 0.92 * cell
    axis.set_xticks(
        range(classes),
        names,
        rotation=40 if slanted else 0,
        ha="right" if slanted else "center",
        rotation_mode="anchor" if slanted else "default",
    )
    between = "\n" if classes <= _MANY_CLASSES else " "
    rows = counts.sum(axis=1)
    axis.set_yticks(
        range(classes),
        [f"{name}{between}({count:,})" for name, count in zip(names, rows, strict=True)],
    )
    axis.set_xlabel("Predicted class")
    axis.set_ylabel("True class (number of texts)")
    axis.grid(visible=False)
    axis.tick_params(length=0)
    axis.spines[:].set_visible(False)
    return figure


def _shorten(name: str, classes: int) -> str:
    if classes <= _FEW_CLASSES:
        lines = textwrap.wrap(name, 16, max_lines=3, placeholder=" …")
        return "\n".join(lines) or name
    return name if len(name) <= 22 else f"{name[:21]}…"


def share_colours(theme: Theme) -> Any:
    """Shades from the paper, a share of 0, to the full colour."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("share", [theme.paper, theme.full])


def _write_cells(axis: Any, counts: Any, shares: Any, theme: Theme) -> None:
    classes = len(counts)
    digits = 1 if classes <= _MANY_CLASSES else 0
    size = 12 if classes <= 4 else 9.5 if classes <= _MANY_CLASSES else 7.5
    for (row, column), count in np.ndenumerate(counts):
        share = shares[row, column]
        axis.text(
            column,
            row,
            f"{count:,}\n{share:.{digits}%}" if count else "0",
            ha="center",
            va="center",
            fontsize=size,
            linespacing=1.35,
            color=theme.paper if share > 0.7 else theme.ink if count else theme.muted,
        )
    axis.set_xticks(np.arange(classes + 1) - 0.5, minor=True)
    axis.set_yticks(np.arange(classes + 1) - 0.5, minor=True)
    axis.grid(visible=True, which="minor", color=theme.grid, linewidth=1)
    axis.tick_params(which="minor", length=0)
