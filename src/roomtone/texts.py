"""Making sure that texts are texts."""

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
