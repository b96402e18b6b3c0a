"""Normalising: one spelling for what looks the same, with the way back to the original.

The steps, repeated until nothing changes: surrogates are joined or replaced; HTML tags become
blanks and entities characters; curly quotes, control characters and inkless letters become plain
ones; zero-width characters, variation selectors and skin tones go; letters take the NFKC form;
white space shrinks to single blanks. Case is kept: lowering it is the tokeniser's business.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from roomtone.text import markup, unicode
from roomtone.text.edits import Edit, Sourced, Step, edit, replacing


def _blank(match: re.Match[str]) -> str:
    inside = match.start() > 0 and match.end() < len(match.string)
    return " " if inside else ""


_blanks: Step = replacing(re.compile(r"\A\s+|\s+\Z|\s\s+|[^\S ]"), _blank)


def _white_space(text: str) -> list[Edit]:
    return [] if " ".join(text.split()) == text else _blanks(text)


_STEPS: tuple[Step, ...] = (
    unicode.surrogates,
    markup.tags,
    markup.entities,
    unicode.odd_characters,
    unicode.hidden,
    unicode.joiners,
    unicode.piled_marks,
    unicode.compatibility,
    _white_space,
)
# Entities hidden in entities, level upon level, would take a pass each. No honest text has more
# than four levels; past those the signs that open entities and tags are blanked out.
_PASSES = 4
_defuse: Step = replacing(re.compile("[&<]"), " ")


def normalize(text: str) -> str:
    r"""Bring a comment to its normal form.

    Parameters
    ----------
    text : str
        A comment as written; any string, lone surrogates and null characters included.

    Returns
    -------
    str
        The normal form; empty if nothing visible was written. Normalising it again changes
        nothing.

    Examples
    --------
    >>> normalize("I&amp;#39;m  so ｈａｐｐｙ<br>\u201cyay\u201d")
    'I\'m so happy "yay"'
    """
    if not _is_plain(text):
        for _, changed in _changes(text):
            text = changed
    return text


def normalize_with_offsets(text: str) -> tuple[str, NDArray[np.int64]]:
    """Normalise a comment and say where each character of the result comes from.

    Parameters
    ----------
    text : str
        A comment as written.

    Returns
    -------
    normal : str
        The same as `normalize` gives.
    offsets : ndarray of int64, shape [len(normal) + 1]
        Positions in `text` that never fall: character ``i`` begins at ``offsets[i]``, and the
        last one ends at ``offsets[-1]``.
    """
    sourced = normalize_sourced(text)
    return sourced.text, np.append(sourced.starts, sourced.ends[-1:] if sourced.text else 0)


def normalize_sourced(text: str) -> Sourced:
    """Normalise a comment; each character of the result keeps its place in the original."""
    sourced = Sourced.original(text)
    if not _is_plain(text):
        for edits, _ in _changes(text):
            sourced = sourced.edited(edits)
    return sourced


def _changes(text: str) -> Iterator[tuple[list[Edit], str]]:
    """Run the steps until a pass changes nothing; give the edits and the text after each."""
    for turn in range(2 * _PASSES):
        settled = True
        for step in (_defuse, *_STEPS) if turn == _PASSES else _STEPS:
            if edits := step(text):
                text = edit(text, edits)
                settled = False
                yield edits, text
        if settled or _is_plain(text):
            return


def _is_plain(text: str) -> bool:
    """Tell cheaply that no step can change a text, as is so for most comments."""
    return (
        text.isascii()
        and text.isprintable()
        and "&" not in text
        and "<" not in text
        and "  " not in text
        and not text.startswith(" ")
        and not text.endswith(" ")
    )
