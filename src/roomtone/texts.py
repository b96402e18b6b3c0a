"""Making sure that texts are texts, and can be kept."""

from __future__ import annotations

from collections.abc import Iterable

from roomtone.errors import DataError


def checked_texts(texts: Iterable[str]) -> list[str]:
    """List the texts, or say which of them is none.

    Raises
    ------
    DataError
        If `texts` is one string, or holds something else than strings.
    """
    if isinstance(texts, str):
        raise DataError("expected a sequence of texts, found one text; put it in a list: [text]")
    listed = list(texts)
    for index, text in enumerate(listed):
        if not isinstance(text, str):
            raise DataError(
                f"text {index} is {text!r} of type {type(text).__name__}, expected a string; "
                "fill or drop missing comments first"
            )
    return listed


def storable(text: str) -> str:
    """Make of a text one that every file and database takes.

    Null characters, which PostgreSQL refuses, are dropped; halves of a surrogate pair, which no
    encoding has bytes for, are joined to their character, or replaced by U+FFFD where alone.
    """
    halves = text.replace("\0", "").encode("utf-16", "surrogatepass")
    return halves.decode("utf-16", "replace")
