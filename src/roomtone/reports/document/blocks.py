"""What a report consists of; its numbers are not written here, but named by their place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from roomtone.errors import DataError
from roomtone.reports.document.forms import FORMS


@dataclass(frozen=True)
class Value:
    """A value of the facts, by its place.

    Attributes
    ----------
    path : str
        Keys and indices, joined by dots: ``datasets.0.models.1.scores.f1_macro.mean``.
    form : str
        How it is written: a key of :data:`roomtone.reports.document.forms.FORMS`.
    """

    path: str
    form: str = "text"


@dataclass(frozen=True)
class Cite:
    """A reference to works, by the keys of their BibTeX entries."""

    keys: tuple[str, ...]


Part = str | Value | Cite
Inline = tuple[Part, ...]
"""A piece of running text. Its plain strings hold no numbers."""


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; of the kind ``"plain"``, ``"note"`` or ``"warning"``."""

    parts: Inline
    kind: str = "plain"


@dataclass(frozen=True)
class Items:
    """A list."""

    items: tuple[Inline, ...]
    kind: str = "plain"


@dataclass(frozen=True)
class Table:
    """A table whose first column heads its rows.

    Attributes
    ----------
    key : str
        Names it, for references to it.
    caption : Inline
        What it shows.
    columns : tuple of Inline
        The headings.
    rows : tuple of tuple of Inline
        The cells.
    words : tuple of int
        Columns of words, flush left; the others hold figures.
    wrapped : mapping of int to float
        Columns of words whose lines may be broken, and the share of a line that each has on paper.
    """

    key: str
    caption: Inline
    columns: tuple[Inline, ...]
    rows: tuple[tuple[Inline, ...], ...]
    words: tuple[int, ...] = (0,)
    wrapped: Mapping[int, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Figure:
    """A figure that is drawn from the facts.

    Attributes
    ----------
    name : str
        Of its files, without the suffix.
    caption : Inline
        What it shows.
    alternative : str
        What a reader who cannot see it has to know.
    """

    name: str
    caption: Inline
    alternative: str


@dataclass(frozen=True)
class Figures:
    """Small figures side by side."""

    figures: tuple[Figure, ...]


Block = Paragraph | Items | Table | Figure | Figures


@dataclass(frozen=True)
class Section:
    """A section with its heading; blocks that are None are left out."""

    key: str
    title: Inline
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Document:
    """A whole report.

    Attributes
    ----------
    title : Inline
        Its heading.
    subtitle : Inline
        The line under it.
    sections : tuple of Section
        Its parts.
    facts : mapping
        What all its values are taken from: ``report.json``. Under ``"references"`` it lists the
        works that are cited: ``key``, ``short``, ``text``, ``bibtex``.
    """

    title: Inline
    subtitle: Inline
    sections: tuple[Section, ...]
    facts: Mapping[str, Any]


def resolve(facts: Any, path: str) -> Any:
    """Look a value up by its place.

    Raises
    ------
    DataError
        If there is none.
    """
    value = facts
    for key in path.split("."):
        try:
            value = value[int(key)] if isinstance(value, list) else value[key]
        except (KeyError, IndexError, ValueError, TypeError):
            raise DataError(f"report.json has no {path} (not found: {key})") from None
    return value


def written(facts: Any, value: Value) -> str:
    """Write a value as a reader sees it."""
    return FORMS[value.form](resolve(facts, value.path))


def separated(parts: Sequence[Inline], separator: str = ", ", last: str = " and ") -> Inline:
    """Join pieces of text as a sentence lists them."""
    joined: list[Part] = []
    for place, part in enumerate(parts):
        if place:
            joined.append(last if place == len(parts) - 1 else separator)
        joined += part
    return tuple(joined)
