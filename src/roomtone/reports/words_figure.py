"""The figure of an explanation: the text as it was written, its words marked and numbered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from roomtone.explain import Explanation
from roomtone.reports.signs import drawable, is_right_to_left, visual_order
from roomtone.reports.style import Theme, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH = 7.0  # inches; the rest follows from the text
_SIZE, _SMALL = 13.0, 6.5  # points
_LINE, _TOP, _GAP, _BLANK = 0.44, 1.02, 0.045, 0.11
_MOST_LINES = 40
_LONGEST = 28  # letters of a piece; longer ones, as of links, are cut in two
_NUMBERED = 0.1  # of the strongest word: weaker ones have no number


@dataclass(frozen=True)
class Piece:
    """A part of the text that is drawn in one go.

    Attributes
    ----------
    text : str
        What is written.
    word : int or None
        Which word it is of; None for what stands between words.
    blank : bool
        Whether a blank comes before it.
    fresh : bool
        Whether it begins a line.
    first : bool
        Whether it is the first of its word.
    """

    text: str
    word: int | None
    blank: bool
    fresh: bool
    first: bool = True


def draw_words(explanation: Explanation, theme: Theme) -> Figure:
    """Draw the text with each word's strength as a tint: blue for the class, orange against it.

    The strongest words also have their score beneath, so that colour alone says nothing.
    """
    lines, more = _lines(explanation)
    height = _TOP + _LINE * (len(lines) - 1) + (0.6 if more or explanation.note else 0.3)
    figure = new_figure(WIDTH, height)
    figure.set_layout_engine("none")
    axis = figure.add_axes((0, 0, 1, 1))
    axis.set_axis_off()
    axis.set_xlim(0, WIDTH)
    axis.set_ylim(height, 0)
    _heading(axis, explanation, theme)
    right = is_right_to_left(explanation.text)
    for number, line in enumerate(lines):
        top = _TOP + _LINE * number
        for piece, left, width in _places(line, right_to_left=right):
            _draw_piece(axis, piece, (left, top, width), explanation, theme)
    note = f"… and {more:,} more lines. " if more else ""
    axis.text(0.1, height - 0.1, note + explanation.note, color=theme.muted, size=8)
    return figure


def _families() -> list[str]:
    import matplotlib as mpl

    return list(mpl.rcParams["font.family"])


def _pieces(explanation: Explanation) -> list[Piece]:
    families, found, done = _families(), [], 0
    spans = [(word.start, word.end, place) for place, word in enumerate(explanation.words)]
    for start, end, place in [*spans, (len(explanation.text), len(explanation.text), None)]:
        between = explanation.text[done:start]
        blank, fresh = between[:1].isspace(), False
        for part in re.findall(r"\n+|[^\S\n]+|\S+", between):
            if part.isspace():
                blank, fresh = True, fresh or "\n" in part
            else:
                found.append(Piece(drawable(part, families), None, blank, fresh))
                blank, fresh = False, False
        written = drawable(explanation.text[start:end], families)
        for first in range(0, len(written), _LONGEST):
            part = written[first : first + _LONGEST]
            found.append(Piece(part, place, blank, fresh, first == 0))
            blank, fresh = False, False
        done = end
    return [piece for piece in found if piece.text]


def _lines(explanation: Explanation) -> tuple[list[list[tuple[Piece, float]]], int]:
    """Break the pieces into lines, each piece with its width; and count the lines left out."""
    from matplotlib.font_manager import FontProperties

    measure = _Ruler()
    plain, small = FontProperties(size=_SIZE), FontProperties(size=_SMALL)
    lines: list[list[tuple[Piece, float]]] = [[]]
    used = 0.0
    for piece in _pieces(explanation):
        width = measure(piece.text, plain)
        if number := _number(explanation, piece):
            width = max(width, measure(number, small))
        space = _BLANK * piece.blank
        if lines[-1] and (piece.fresh or used + space + width + _GAP > WIDTH - 0.3):
            lines.append([])
            used = 0.0
        lines[-1].append((piece, width))
        used += space + width + _GAP
    return lines[:_MOST_LINES], max(0, len(lines) - _MOST_LINES)


class _Ruler:
    """Measures texts in inches."""

    def __init__(self) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        self._figure = new_figure(1, 1)
        canvas: Any = FigureCanvasAgg(self._figure)
        self._renderer = canvas.get_renderer()

    def __call__(self, text: str, font: Any) -> float:
        drawn = self._figure.text(0, 0, text, fontproperties=font)
        width = float(drawn.get_window_extent(self._renderer).width) / self._figure.dpi
        drawn.remove()
        return width


def _number(explanation: Explanation, piece: Piece) -> str:
    """Write the score of a word that is strong enough, at its first piece."""
    if piece.word is None or not piece.first or abs(explanation.strengths[piece.word]) < _NUMBERED:
        return ""
    score = explanation.scores[piece.word]
    return f"{score:+.2f}" if explanation.signed else f"{score:.2f}"


def _places(
    line: list[tuple[Piece, float]], *, right_to_left: bool
) -> Iterator[tuple[Piece, float, float]]:
    """Give each piece of a line, from left to right, with where it begins and its width."""
    order = visual_order([piece.text for piece, _ in line], right_to_left=right_to_left)
    blanks = [_BLANK * piece.blank for piece, _ in line]
    total = sum(width + _GAP for _, width in line) + sum(blanks[1:])
    left = WIDTH - 0.12 - total if right_to_left else 0.12
    for at, place in enumerate(order):
        piece, width = line[place]
        if at:  # a blank stands before the later one of the two as they are read
            left += blanks[max(place, order[at - 1])]
        yield piece, left, width
        left += width + _GAP


def _draw_piece(
    axis: Any,
    piece: Piece,
    place: tuple[float, float, float],
    explanation: Explanation,
    theme: Theme,
) -> None:
    left, top, width = place
    middle = left + width / 2
    strength = 0.0 if piece.word is None else float(explanation.strengths[piece.word])
    colour = theme.validation if strength > 0 else theme.train
    if strength:
        from matplotlib.patches import Rectangle

        box = Rectangle(
            (left - _GAP / 2, top - 0.19),
            width + _GAP,
            0.26,
            facecolor=colour,
            alpha=0.6 * abs(strength),
            linewidth=0,
        )
        axis.add_patch(box)
    ink = theme.muted if piece.word is None else theme.ink
    axis.text(middle, top, piece.text, ha="center", va="baseline", size=_SIZE, color=ink)
    axis.text(
        middle, top + 0.155, _number(explanation, piece), ha="center", size=_SMALL, color=theme.ink
    )


def _heading(axis: Any, explanation: Explanation, theme: Theme) -> None:
    families = _families()
    label, target = (drawable(n, families) for n in (explanation.label, explanation.target))
    share = explanation.probs[explanation.label]
    axis.text(0.1, 0.26, f"{label} {share:.1%}", size=12, weight="bold", color=theme.ink)
    measured = f"{explanation.title}, in units of {explanation.unit}"
    if explanation.unit == "share of attention":
        measured = f"{explanation.title}: each word's share"
    axis.text(WIDTH - 0.1, 0.26, measured, size=8.5, ha="right", color=theme.muted)
    from matplotlib.patches import Rectangle

    keys = [(theme.validation, f"for {target}"), (theme.train, f"against {target}")]
    if not explanation.signed:
        keys = [(theme.validation, "how much the word counts")]
    for at, (colour, meaning) in enumerate(keys):
        left = 0.1 + 2.6 * at
        axis.add_patch(Rectangle((left, 0.42), 0.22, 0.14, facecolor=colour, alpha=0.6))
        axis.text(left + 0.28, 0.54, meaning, size=8.5, color=theme.ink)
    axis.axhline(0.68, 0.1 / WIDTH, 1 - 0.1 / WIDTH, color=theme.grid, linewidth=0.8)
