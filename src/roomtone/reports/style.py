"""The look of all figures: colours that colour-blind readers can tell apart, on light and dark.

Series colours are those of Okabe & Ito (2008), "Color Universal Design".
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from roomtone.errors import require

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Theme:
    """Colours of one look.

    Attributes
    ----------
    ink, muted, grid, paper : str
        Text; axes and marks; grid lines; background.
    train, validation, test : str
        One colour for each split, the same in every figure.
    full : str
        What a share of 100 % looks like in a heat map; a share of 0 is the paper.
    """

    ink: str
    muted: str
    grid: str
    paper: str
    train: str
    validation: str
    test: str
    full: str


LIGHT = Theme(
    "#1b1f24", "#5b6470", "#e4e7eb", "#ffffff", "#d55e00", "#0072b2", "#009e73", "#004c7a"
)
DARK = Theme("#e8eaed", "#a3acb8", "#343b45", "#181c21", "#e69f00", "#56b4e9", "#2bc79a", "#56b4e9")


@dataclass(frozen=True)
class Line:
    """How one of several models is drawn; dashes and markers tell them apart without colour, too.

    Attributes
    ----------
    colour, dash, marker : str
        As matplotlib takes them.
    """

    colour: str
    dash: str
    marker: str


_SERIES = (
    ("#0072b2", "#56b4e9", "-", "o"),
    ("#d55e00", "#ff9b4e", "--", "s"),
    ("#009e73", "#2bc79a", "-.", "^"),
    ("#aa4499", "#e3a1cf", ":", "D"),
    ("#1b1f24", "#e8eaed", "-", "v"),
    ("#b07d00", "#f0d060", "--", "P"),
    ("#2f86c4", "#9cd3f5", "-.", "X"),
    ("#7f3b2f", "#d9a79c", ":", "*"),
)


def series_line(place: int, theme: Theme) -> Line:
    """Return the look of a model by its place among all; after eight they begin anew."""
    light, dark, dash, marker = _SERIES[place % len(_SERIES)]
    return Line(light if theme is LIGHT else dark, dash, marker)


# DejaVu Sans comes with matplotlib; the others lend it, where installed, the signs that it lacks.
_FALLBACK_FONTS = ("Noto Sans CJK SC", "Noto Sans CJK JP", "PingFang SC", "Microsoft YaHei")
_WITHOUT_DATES: dict[str, dict[str, None]] = {
    "png": {"Software": None},
    "pdf": {"CreationDate": None},
    "svg": {"Date": None},
}
_DOTS_PER_INCH = 300


def render(draw: Callable[[Theme], Figure | None], theme: Theme, formats: str) -> list[bytes]:
    """Draw one figure and encode it; the same result gives the same bytes.

    Parameters
    ----------
    draw : callable
        Draws the figure, or returns None if there is nothing to draw.
    theme : Theme
        Its colours.
    formats : str
        Any of ``png``, ``pdf`` and ``svg``, separated by blanks.

    Returns
    -------
    list of bytes
        One item for each format; empty if there is nothing to draw.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    """
    with styled(theme):
        figure = draw(theme)
        return [_encode(figure, name) for name in formats.split()] if figure else []


def new_figure(width: float, height: float) -> Figure:
    """Make an empty figure, in inches, that keeps its parts from overlapping."""
    figure: Figure = require("matplotlib.figure", extra="plots", purpose="Drawing figures").Figure(
        figsize=(width, height), layout="constrained"
    )
    return figure


def _encode(figure: Figure, name: str) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(
        buffer,
        format=name,
        dpi=_DOTS_PER_INCH,
        bbox_inches="tight",
        pad_inches=0.06,
        metadata=_WITHOUT_DATES[name],
    )
    return buffer.getvalue()


@contextmanager
def styled(theme: Theme) -> Iterator[None]:
    """Set the look of all that is drawn meanwhile, and restore the user's afterwards."""
    matplotlib = require("matplotlib", extra="plots", purpose="Drawing figures")
    with matplotlib.rc_context(), warnings.catch_warnings():
        # A class may be called 😡: the figure then shows a box, the report's tables the sign.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        matplotlib.rcdefaults()  # whatever the user's matplotlibrc says
        matplotlib.rcParams.update(_settings(theme))
        yield


def _settings(theme: Theme) -> dict[str, Any]:
    fonts = require("matplotlib.font_manager", extra="plots", purpose="Drawing figures")
    installed = set(fonts.get_font_names())
    return {
        "font.family": ["DejaVu Sans", *(name for name in _FALLBACK_FONTS if name in installed)],
        "font.size": 10,
        "text.color": theme.ink,
        "text.parse_math": False,  # a class may be called "$$"
        "axes.labelcolor": theme.ink,
        "axes.edgecolor": theme.muted,
        "axes.facecolor": theme.paper,
        "axes.grid": True,
        "axes.axisbelow": True,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "grid.color": theme.grid,
        "grid.linewidth": 0.8,
        "xtick.color": theme.muted,
        "ytick.color": theme.muted,
        "xtick.labelcolor": theme.ink,
        "ytick.labelcolor": theme.ink,
        "legend.frameon": False,
        "legend.borderaxespad": 0,
        "lines.linewidth": 1.8,
        "figure.facecolor": theme.paper,
        "savefig.facecolor": theme.paper,
        "pdf.fonttype": 42,  # TrueType, so that text in a thesis can be searched
        "svg.fonttype": "path",
        "svg.hashsalt": "roomtone",
    }
