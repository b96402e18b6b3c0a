"""Edits of a string that remember where each character came from.

Whatever is rewritten on the way to the tokens (an entity, a ligature, a link) must lead back to
what the person wrote, so that an explanation can mark it. Every rewriting step is therefore a
function that lists its edits; the same list is applied to a string alone, when only the result
counts, or to a string with its sources.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Edit = tuple[int, int, str]
"""Replace ``text[start:end]``, never empty, by a string; a list of edits is in order, disjoint."""

Step = Callable[[str], list[Edit]]


@dataclass(frozen=True)
class Sourced:
    """A rewritten string, and the part of the original behind each of its characters.

    Attributes
    ----------
    text : str
        The string as rewritten so far.
    starts, ends : ndarray of int64, shape [len(text)]
        Character ``i`` stands for ``original[starts[i]:ends[i]]``, which is never empty. Neither
        array ever falls.
    """

    text: str
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]

    @classmethod
    def original(cls, text: str) -> Sourced:
        """Begin with a string in which each character stands for itself."""
        positions = np.arange(len(text) + 1, dtype=np.int64)
        return cls(text, positions[:-1], positions[1:])

    def edited(self, edits: Sequence[Edit]) -> Sourced:
        """Apply a list of edits; all characters of a replacement stand for all they replace."""
        if not edits:
            return self
        first, last = _sources(edits, len(self.text))
        return Sourced(edit(self.text, edits), self.starts[first], self.ends[last])


def _sources(edits: Sequence[Edit], length: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find, for each character after the edits, the first and last character it stands for."""
    begins = np.array([start for start, _, _ in edits], dtype=np.int64)
    stops = np.array([stop for _, stop, _ in edits], dtype=np.int64)
    sizes = np.array([len(new) for _, _, new in edits], dtype=np.int64)
    # The result is kept, new, kept, new, …, kept; as segments of the old string:
    lows = np.zeros(2 * len(edits) + 1, dtype=np.int64)
    highs = np.full_like(lows, length)
    lows[1::2], lows[2::2] = begins, stops
    highs[:-1:2], highs[1::2] = begins, stops
    lengths = highs - lows
    lengths[1::2] = sizes

    segment = np.repeat(np.arange(len(lows)), lengths)
    within = np.arange(len(segment)) - (np.cumsum(lengths) - lengths)[segment]
    kept = segment % 2 == 0
    first = lows[segment] + np.where(kept, within, 0)
    return first, np.where(kept, first, highs[segment] - 1)


def edit(text: str, edits: Sequence[Edit]) -> str:
    """Apply a list of edits to a string alone."""
    parts: list[str] = []
    done = 0
    for start, end, new in edits:
        parts += text[done:start], new
        done = end
    parts.append(text[done:])
    return "".join(parts)


def replacing(pattern: re.Pattern[str], new: str | Callable[[re.Match[str]], str]) -> Step:
    """Make the step that replaces each match of a pattern, where that changes anything."""

    def step(text: str) -> list[Edit]:
        edits = []
        for match in pattern.finditer(text):
            replacement = new if isinstance(new, str) else new(match)
            if replacement != match[0]:
                edits.append((match.start(), match.end(), replacement))
        return edits

    return step
