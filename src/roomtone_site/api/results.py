"""What an analysis found, as the API gives it: all that is stored by place here has a name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Self

from ninja import Schema
from pydantic import Field

from roomtone.labels import SENTIMENT
from roomtone_site.analysis.models import Analysis, State
from roomtone_site.analysis.summary import summary_of
from roomtone_site.comments.models import YouTubeComment


class Counts(Schema):
    """A number for each class."""

    negative: int = Field(ge=0)
    neutral: int = Field(ge=0)
    positive: int = Field(ge=0)

    @classmethod
    def of(cls, values: Sequence[int]) -> Self:
        """Name them."""
        return cls(**dict(zip(SENTIMENT, values, strict=True)))


class Period(Schema):
    """The comments of a day, week, month or year."""

    start: date = Field(description="Its first day.")
    counts: Counts


class Thread(Schema):
    """The replies to one comment."""

    comment: str = Field(description="The id of the comment that opens it; empty if it is gone.")
    replies: Counts


class Word(Schema):
    """A word or phrase that is more frequent in one class than in the others."""

    written: str
    z: float = Field(description="Log-odds with a prior, in standard errors.")
    inside: int = Field(description="Comments of the class that have it.")
    outside: int = Field(description="Comments of the other classes that have it.")
    sure: bool = Field(description="Whether it stands out among as many words as were looked at.")


class Words(Schema):
    """The telling words or phrases of each class, the strongest first."""

    negative: list[Word]
    neutral: list[Word]
    positive: list[Word]

    @classmethod
    def of(cls, values: Iterable[list[dict[str, Any]]]) -> Self:
        """Name the classes."""
        return cls(**dict(zip(SENTIMENT, values, strict=True)))  # type: ignore[arg-type]


class Result(Schema):
    """Counts of the comments that the filters left."""

    total: int
    counts: Counts
    weights: Counts = Field(description="Sums of 1 + likes.")
    squares: Counts = Field(description="Sums of the squares of 1 + likes.")
    unit: str = Field(description="What a period is: day, week, month or year.")
    periods: list[Period]
    undated: int = Field(description="Comments without a date.")
    opening: Counts = Field(description="Comments that open a thread.")
    replies: Counts
    threads: list[Thread] = Field(description="Those with the most replies.")
    words: Words
    phrases: Words
    removed: dict[str, int] = Field(description="Comments that each filter left out.")
    removed_comments: int = Field(description="Comments that any filter left out.")


def result_of(analysis: Analysis) -> Result | None:
    """Give the result of an analysis; None before there is one.

    Made anew where none is stored, as after a change of its filters.
    """
    if analysis.state not in (State.DONE, State.PARTIAL):
        return None
    summary = summary_of(analysis)
    ids = YouTubeComment.objects.in_bulk([key for key, _ in summary.threads])
    threads = [
        Thread(comment=ids[key].comment_id if key in ids else "", replies=Counts.of(counts))
        for key, counts in summary.threads
    ]
    return Result(
        total=summary.total,
        counts=Counts.of(summary.counts),
        weights=Counts.of(summary.weights),
        squares=Counts.of(summary.squares),
        unit=summary.unit,
        periods=[
            Period(start=date.fromisoformat(start), counts=Counts.of(counts))
            for start, counts in summary.periods
        ],
        undated=summary.undated,
        opening=Counts.of(summary.opening),
        replies=Counts.of(summary.replies),
        threads=threads,
        words=Words.of(summary.words),
        phrases=Words.of(summary.phrases),
        removed=summary.removed,
        removed_comments=summary.removed_comments,
    )
