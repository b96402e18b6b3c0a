"""Long names in figures: broken into lines and shortened, so that labels do not overlap."""

from __future__ import annotations

import textwrap

LETTER = 0.082  # inches, of a letter at 10 points
_LINE, _LINES = 28, 2


def lines_of(name: str, width: int = _LINE, lines: int = _LINES) -> str:
    """Break a name into a few lines; what does not fit is left out."""
    broken = textwrap.wrap(name, width, max_lines=lines, placeholder=" …")
    return "\n".join(broken) or name


def short(name: str, letters: int = 40) -> str:
    """Shorten a name to one line."""
    return name if len(name) <= letters else f"{name[: letters - 1]}…"


def width_of(names: list[str]) -> float:
    """Return the width of the longest line, in inches, at the size of tick labels."""
    return LETTER * max((len(line) for name in names for line in name.splitlines()), default=0)


def legend_columns(names: list[str], width: float) -> int:
    """Tell how many columns of a legend fit side by side into a width, in inches."""
    longest = LETTER * max(map(len, names), default=1) + 0.65
    return max(1, min(4, int(width / longest)))
