"""What an analysis found, in numbers that a page shows without reading every comment again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date
from itertools import islice
from typing import Any

from django.db.models import Count, Exists, OuterRef

from roomtone.labels import SENTIMENT
from roomtone.text.telling import WordCounts
from roomtone_site.analysis.models import SUMMARY, Analysis, Prediction, Removal
from roomtone_site.analysis.periods import periods

FORM = 4
"""Raised with every change of what a summary holds, so that stored ones are made anew."""

_CLASSES = len(SENTIMENT)
_ROWS = 2000  # read at once
_THREADS = 10


@dataclass(frozen=True)
class Summary:
    """Counts of the comments that the filters left.

    Attributes
    ----------
    counts : list of int, shape [classes]
        Comments of each class.
    weights, squares : list of int, shape [classes]
        For each class the sums of 1 + likes, and of its square.
    unit : str
        What a period is: ``"day"``, ``"week"``, ``"month"`` or ``"year"``.
    periods : list of (str, list of int)
        First day of each and its comments of each class.
    undated : int
        Comments without a date.
    opening, replies : list of int, shape [classes]
        Comments that open a thread, and replies.
    threads : list of (int, list of int)
        Those with the most replies: key of the comment that opens it, replies of each class.
    words, phrases : list of list of dict, shape [classes]
        See `roomtone.text.telling.TellingWord`.
    removed : dict of str to int
        Comments that each filter left out.
    removed_comments : int
        Comments that any filter left out.
    form : int
        See `FORM`.
    """

    counts: list[int]
    weights: list[int]
    squares: list[int]
    unit: str
    periods: list[tuple[str, list[int]]]
    undated: int
    opening: list[int]
    replies: list[int]
    threads: list[tuple[int, list[int]]]
    words: list[list[dict[str, Any]]]
    phrases: list[list[dict[str, Any]]]
    removed: dict[str, int]
    removed_comments: int
    form: int = FORM

    @property
    def total(self) -> int:
        """All comments that the filters left."""
        return sum(self.counts)


def stored_summary(analysis: Analysis) -> Summary | None:
    """Read the summary that is stored with an analysis, if one of the present form is."""
    stored = (analysis.result or {}).get(SUMMARY)
    return Summary(**stored) if stored and stored.get("form") == FORM else None


def summary_of(analysis: Analysis) -> Summary:
    """Take the stored summary of an analysis, or make and store it."""
    stored = stored_summary(analysis)
    if stored is not None:
        return stored
    summary = summarise(analysis)
    analysis.result = {**(analysis.result or {}), SUMMARY: asdict(summary)}
    # Not where another filter was chosen, or a comment brought back, while this one counted.
    unchanged = Analysis.objects.filter(pk=analysis.pk, options=analysis.options)
    unchanged.update(result=analysis.result)
    return summary


def kept_predictions(analysis: Analysis) -> Any:
    """Predictions of the comments that no filter of the analysis left out."""
    removed = Removal.objects.filter(analysis=analysis, comment=OuterRef("comment"))
    return Prediction.objects.filter(~Exists(removed), analysis=analysis)


def summarise(analysis: Analysis) -> Summary:
    """Count the comments of an analysis, in a number of queries that does not depend on them.

    Rows are streamed; what is kept is one entry for each day, thread and word.
    """
    counts, weights, squares, undated = _zeros(), _zeros(), _zeros(), 0
    opening, replies = _zeros(), _zeros()
    days: dict[date, list[int]] = defaultdict(_zeros)
    threads: dict[int, list[int]] = defaultdict(_zeros)
    words = WordCounts(_CLASSES)
    stream = _rows(analysis)
    while rows := list(islice(stream, _ROWS)):
        words.add([row[4] for row in rows], [row[0] for row in rows])
        for label, likes, published, parent, _ in rows:
            weight = 1 + likes
            counts[label] += 1
            weights[label] += weight
            squares[label] += weight * weight
            if published is None:
                undated += 1
            else:
                days[published.astimezone(UTC).date()][label] += 1
            if parent is None:
                opening[label] += 1
            else:
                replies[label] += 1
                threads[parent][label] += 1
    unit, found = periods({day: tuple(values) for day, values in days.items()})
    longest = sorted(threads.items(), key=lambda item: (-sum(item[1]), item[0]))[:_THREADS]
    removed, comments = _removed(analysis)
    return Summary(
        counts=counts,
        weights=weights,
        squares=squares,
        unit=unit,
        periods=[(period.start.isoformat(), list(period.counts)) for period in found],
        undated=undated,
        opening=opening,
        replies=replies,
        threads=longest,
        words=[[asdict(word) for word in listed] for listed in words.words()],
        phrases=[[asdict(word) for word in listed] for listed in words.phrases()],
        removed=removed,
        removed_comments=comments,
    )


def _zeros() -> list[int]:
    return [0] * _CLASSES


def _rows(analysis: Analysis) -> Iterator[tuple[Any, ...]]:
    found: Iterator[tuple[Any, ...]] = (
        kept_predictions(analysis)
        .values_list(
            "label", "comment__likes", "comment__published", "comment__parent_id", "comment__text"
        )
        .iterator(chunk_size=_ROWS)
    )
    return found


def _removed(analysis: Analysis) -> tuple[dict[str, int], int]:
    rows = Removal.objects.filter(analysis=analysis)
    by_reason = rows.order_by().values_list("reason").annotate(Count("pk"))
    return dict(by_reason), rows.aggregate(n=Count("comment", distinct=True))["n"]
