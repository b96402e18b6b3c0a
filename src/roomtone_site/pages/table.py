"""The table of a video's comments: which of them, in what order, and which page."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.db.models import F, OuterRef, QuerySet

from roomtone.labels import SENTIMENT
from roomtone_site.analysis.models import Analysis, Prediction
from roomtone_site.analysis.summary import kept_predictions
from roomtone_site.labelling.blindness import still_to_label

PAGE = 25
_LONGEST_SEARCH = 200
_MOST_LIKES = 2**31 - 1

SORTS: Mapping[str, tuple[str, tuple[Any, ...]]] = {
    "likes": ("most liked", ("-comment__likes", "-comment_id")),
    "newest": ("newest", (F("comment__published").desc(nulls_last=True), "-comment_id")),
    "oldest": ("oldest", (F("comment__published").asc(nulls_last=True), "comment_id")),
    "unsure": ("least certain", ("confidence", "comment_id")),
    "sure": ("most certain", ("-confidence", "comment_id")),
    "negative": ("most negative", ("-p_negative", "comment_id")),
    "neutral": ("most neutral", ("-p_neutral", "comment_id")),
    "positive": ("most positive", ("-p_positive", "comment_id")),
}
"""For each order of the table what it is called, and the columns."""

KINDS = {"": "all", "opening": "no replies", "replies": "replies only"}


@dataclass(frozen=True)
class Choice:
    """What a visitor asked of the table; whatever makes no sense is left at its default.

    Attributes
    ----------
    q : str
        Part of the text.
    label : str
        Name of a class, or empty.
    kind : str
        A key of `KINDS`.
    likes : int
        The least number of likes.
    sort : str
        A key of `SORTS`.
    page : int
        From 1.
    """

    q: str = ""
    label: str = ""
    kind: str = ""
    likes: int = 0
    sort: str = "likes"
    page: int = 1

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Choice:
        """Read it from an address."""
        known = {"label": SENTIMENT, "kind": KINDS, "sort": SORTS}
        named = {key: query[key] for key, names in known.items() if query.get(key) in names}
        return cls(
            q=query.get("q", "").replace("\0", "").strip()[:_LONGEST_SEARCH],
            likes=_whole(query.get("likes", ""), 0, _MOST_LIKES),
            page=_whole(query.get("page", ""), 1, 10**6),
            **named,
        )

    @property
    def filters(self) -> bool:
        """Whether anything is left out."""
        return bool(self.q or self.label or self.kind or self.likes)

    @property
    def order(self) -> str:
        """What the order is called."""
        return SORTS[self.sort][0]

    def address(self, **changes: Any) -> str:
        """Write the query of an address, with some values changed."""
        values = asdict(replace(self, **changes))
        plain = asdict(Choice())
        return urlencode({key: value for key, value in values.items() if value != plain[key]})


@dataclass(frozen=True)
class Page:
    """One page of the table.

    Attributes
    ----------
    rows : sequence of Prediction
        With their comments; `hidden` where what people said is kept from who has still to label.
    choice : Choice
        What was asked, the page brought into bounds.
    count, pages : int
        Comments that match, and pages of them.
    """

    rows: Sequence[Prediction]
    choice: Choice
    count: int
    pages: int

    @property
    def first(self) -> int:
        """Place of the first row among all, from 1."""
        return (self.choice.page - 1) * PAGE + 1

    @property
    def last(self) -> int:
        """Place of the last row."""
        return self.first + len(self.rows) - 1


def matching(analysis: Analysis, choice: Choice) -> QuerySet[Prediction]:
    """Find the predictions that match, in their order."""
    found: QuerySet[Prediction] = kept_predictions(analysis)
    if choice.q:
        found = found.filter(**_containing(choice.q))
    if choice.label:
        found = found.filter(label=SENTIMENT.index(choice.label))
    if choice.kind:
        found = found.filter(comment__parent__isnull=choice.kind == "opening")
    if choice.likes:
        found = found.filter(comment__likes__gte=choice.likes)
    return found.order_by(*SORTS[choice.sort][1])


def _containing(text: str) -> dict[str, str]:
    """Search without regard to case, which SQLite's own search knows of in ASCII alone."""
    if connection.vendor == "sqlite" and not text.isascii():
        return {"comment__text__iregex": re.escape(text)}
    return {"comment__text__icontains": text}


def page_of(analysis: Analysis, choice: Choice, total: int) -> Page:
    """Read one page, in two queries at most.

    Parameters
    ----------
    analysis : Analysis
        Whose predictions.
    choice : Choice
        What was asked.
    total : int
        All comments of the analysis, as its summary has them.
    """
    found = matching(analysis, choice)
    count = found.order_by().count() if choice.filters else total
    pages = max(1, -(-count // PAGE))
    choice = replace(choice, page=min(choice.page, pages))
    start = (choice.page - 1) * PAGE
    found = found.annotate(hidden=still_to_label(analysis.owner_id, OuterRef("comment")))
    rows = list(found.select_related("comment")[start : start + PAGE])
    return Page(rows, choice, count, pages)


def _whole(text: str, least: int, most: int) -> int:
    return min(max(int(text), least), most) if text.isascii() and text.isdigit() else least
