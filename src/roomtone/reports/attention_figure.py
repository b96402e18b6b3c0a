"""The figure of attention: a map for each head, and what pooling makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from roomtone.explain import Explanation
from roomtone.reports.heatmap import share_colours
from roomtone.reports.signs import drawable
from roomtone.reports.style import Theme, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_WORDS = 40  # of which labels can still be read
_LETTERS = 14
_LETTERING = 8  # points, of labels that are 0.17 inches apart


def draw_attention(explanation: Explanation, theme: Theme) -> Figure | None:
    """Draw the weights of each head, from the words below to the words at the left.

    Of a longer text the 40 words that weigh most are drawn, in the order of the text.

    Returns
    -------
    Figure or None
        None where the explanation has no maps, or the text no words.
    """
    heads = explanation.details.get("heads")
    if heads is None or not explanation.words:
        return None
    kept = np.sort(np.argsort(-explanation.scores, kind="stable")[:MOST_WORDS])
    import matplotlib as mpl

    families = mpl.rcParams["font.family"]
    names = [_shortened(drawable(explanation.written(int(at)), families)) for at in kept]
    columns = 2 if len(heads) > 1 else 1
    rows = -(-len(heads) // columns)
    side = float(np.clip(0.17 * len(kept) + 1.1, 2.6, 7.9))
    figure = new_figure(columns * side + 0.6, rows * side + 2.6)
    parts: Any = figure.subfigures(2, 1, height_ratios=(rows * side, 2.6))
    upper, lower = parts
    axes = upper.subplots(rows, columns, squeeze=False)
    most = max(float(heads.max()), 1e-9)
    for number, axis in enumerate(axes.flat):
        if number >= len(heads):
            axis.set_axis_off()
            continue
        shares = heads[number][np.ix_(kept, kept)]
        image = axis.imshow(shares, share_colours(theme), vmin=0, vmax=most)
        axis.set_title(f"Head {number + 1}", fontsize=10)
        _label(axis, names)
    upper.supxlabel("Word attended to", fontsize=9)
    upper.supylabel("Word attending", fontsize=9)
    upper.colorbar(image, ax=axes, shrink=0.6, label="Share of the attending word's attention")
    _draw_pooled(lower, explanation, kept, names, theme)
    if len(explanation.words) > len(kept):
        figure.suptitle(
            f"The {len(kept)} words that weigh most, of {len(explanation.words):,}", fontsize=9
        )
    return figure


def _label(axis: Any, names: list[str]) -> None:
    axis.set_xticks(range(len(names)), names, rotation=90, fontsize=_LETTERING)
    axis.set_yticks(range(len(names)), names, fontsize=_LETTERING)
    axis.tick_params(length=0)
    axis.grid(visible=False)
    axis.spines[:].set_visible(False)


def _draw_pooled(
    part: Any, explanation: Explanation, kept: Any, names: list[str], theme: Theme
) -> None:
    axis = part.subplots()
    place = np.arange(len(kept))
    series = (
        (-0.2, explanation.scores, theme.validation, "Pooled, through the heads"),
        (0.2, explanation.details["pooled"], theme.train, "Pooled alone"),
    )
    for shift, shares, colour, label in series:
        axis.bar(place + shift, shares[kept], 0.4, color=colour, label=label)
    uniform = 1 / len(explanation.words)
    axis.axhline(uniform, color=theme.muted, linestyle="--", linewidth=1, label="All words alike")
    axis.set_xticks(place, names, rotation=90, fontsize=_LETTERING)
    axis.grid(visible=False, axis="x")
    axis.set_ylabel("Share", fontsize=9)
    part.legend(*axis.get_legend_handles_labels(), loc="outside upper center", ncols=3, fontsize=8)


def _shortened(name: str) -> str:
    return name if len(name) <= _LETTERS else f"{name[: _LETTERS - 1]}…"
