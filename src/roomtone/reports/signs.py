"""Text as a figure can show it: signs that no installed font has, and the direction of lines."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache

from roomtone.errors import require

_STRONG = {"L": False, "R": True, "AL": True}
_HIDDEN = {"\ufe0e", "\ufe0f", "\u200d"}  # they only change how the sign before them looks


def is_right_to_left(text: str) -> bool:
    """Tell the direction of a text by its first letter that has one, as browsers do."""
    found = (_STRONG.get(unicodedata.bidirectional(letter)) for letter in text)
    return next((direction for direction in found if direction is not None), False)


def visual_order(words: Sequence[str], *, right_to_left: bool) -> list[int]:
    """Order the words of a line from left to right.

    Words against the line's direction that follow each other keep their own order: two English
    words in a Hebrew line are still read from left to right.

    Parameters
    ----------
    words : sequence of str
        In the order in which they are read.
    right_to_left : bool
        Direction of the line; words without letters go with it.
    """
    runs: list[tuple[bool, list[int]]] = []
    for place, word in enumerate(words):
        strong = any(unicodedata.bidirectional(letter) in _STRONG for letter in word)
        direction = is_right_to_left(word) if strong else right_to_left
        if runs and runs[-1][0] == direction:
            runs[-1][1].append(place)
        else:
            runs.append((direction, [place]))
    if right_to_left:
        runs.reverse()
    return [place for direction, run in runs for place in (reversed(run) if direction else run)]


def drawable(text: str, families: Sequence[str]) -> str:
    """Put names in the place of pictures that no font has: ``[fire]``; other signs stay.

    Parameters
    ----------
    text : str
        What is to be drawn.
    families : sequence of str
        Names of the fonts, the preferred first.
    """
    known = _letters(tuple(families))
    shown = []
    for letter in text:
        if letter in _HIDDEN or unicodedata.category(letter) in ("Cc", "Cs", "Cf"):
            continue
        missing = ord(letter) not in known and unicodedata.category(letter) == "So"
        shown.append(f"[{unicodedata.name(letter, 'sign').lower()}]" if missing else letter)
    return "".join(shown)


@cache
def _letters(families: tuple[str, ...]) -> frozenset[int]:
    """Collect the code points that any of the fonts has."""
    manager = require("matplotlib.font_manager", extra="plots", purpose="Drawing figures")
    found: set[int] = set()
    for family in families:
        path = manager.findfont(family, fallback_to_default=True)
        found |= set(manager.get_font(path).get_charmap())
    return frozenset(found)
