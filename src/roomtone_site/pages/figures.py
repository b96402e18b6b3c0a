"""What the page of a video shows of a summary: shares with intervals, periods, threads, words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from roomtone.labels import SENTIMENT
from roomtone.stats.proportions import exact_interval
from roomtone.stats.weighted import weighted_shares
from roomtone_site.analysis.summary import Summary
from roomtone_site.comments.models import YouTubeComment
from roomtone_site.pages.charts import columns, share_bar, stacked_bar, strength_bar


@dataclass(frozen=True)
class Share:
    """A row of a table of shares; values in percent.

    Attributes
    ----------
    name : str
        The class.
    count : int
        Its comments, or the weight of them.
    share, low, high : float
        Its share and the ends of the interval.
    bar : SafeString
        A drawing of it.
    """

    name: str
    count: int
    share: float
    low: float
    high: float
    bar: SafeString


def shares(summary: Summary) -> list[Share]:
    """Give each class's share of the comments, with an exact interval (Clopper & Pearson 1934)."""
    total = summary.total
    low, high = exact_interval(summary.counts, [total] * len(SENTIMENT))
    values = [count / total if total else 0.0 for count in summary.counts]
    return _rows(summary.counts, values, low.tolist(), high.tolist())


def liked_shares(summary: Summary) -> tuple[list[Share], float]:
    """Give shares with each comment counted once and once more for each like.

    Returns
    -------
    list of Share
        For each class.
    float
        How many comments of equal weight would say as much.
    """
    found = weighted_shares(summary.weights, summary.squares)
    rows = _rows(summary.weights, found.share.tolist(), found.low.tolist(), found.high.tolist())
    return rows, found.effective


def _rows(
    counts: Sequence[int], values: Sequence[float], low: Sequence[float], high: Sequence[float]
) -> list[Share]:
    return [
        Share(
            name,
            counts[code],
            100 * values[code],
            100 * low[code],
            100 * high[code],
            share_bar(code, values[code], low[code], high[code]),
        )
        for code, name in enumerate(SENTIMENT)
    ]


def over_time(summary: Summary) -> dict[str, Any]:
    """Draw the comments of each period: how many, and the shares of the classes."""
    named = [(start, counts) for start, counts in summary.periods if counts]
    if not named:
        return {"periods": []}
    most = max(named, key=lambda period: sum(period[1]))
    span = f"each {summary.unit} from {named[0][0]} to {named[-1][0]}"
    busiest = f"The busiest {summary.unit} begins {most[0]}, with {sum(most[1]):,} comments."
    return {
        "unit": summary.unit,
        "periods": named,
        "first": named[0][0],
        "last": named[-1][0],
        "most": sum(most[1]),
        "undated": summary.undated,
        "counts": columns(named, f"Comments of {span}, by class. {busiest}"),
        "shares": columns(named, f"Shares of the classes in {span}.", shares=True),
    }


def threads(summary: Summary) -> list[dict[str, Any]]:
    """List the threads with the most replies, in one query."""
    openings = YouTubeComment.objects.in_bulk([key for key, _ in summary.threads])
    return [
        {
            "comment": openings[key],
            "replies": sum(counts),
            "counts": list(zip(SENTIMENT, counts, strict=True)),
            "bar": stacked_bar(counts, _listed(counts)),
        }
        for key, counts in summary.threads
        if key in openings
    ]


def _listed(counts: Sequence[int]) -> str:
    parts = (f"{count:,} {name}" for name, count in zip(SENTIMENT, counts, strict=True))
    return f"Replies: {', '.join(parts)}"


def telling(summary: Summary) -> list[dict[str, Any]]:
    """List for each class its telling words and phrases, each with a bar."""
    most = max((row["z"] for rows in (*summary.words, *summary.phrases) for row in rows), default=1)

    def drawn(code: int, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [row | {"bar": strength_bar(code, row["z"], most)} for row in rows]

    return [
        {
            "name": name,
            "words": drawn(code, summary.words[code]),
            "phrases": drawn(code, summary.phrases[code]),
        }
        for code, name in enumerate(SENTIMENT)
    ]


def headline(rows: Sequence[Share]) -> str:
    """Say in one sentence what the shares amount to.

    The two largest classes are compared with each other alone: among their comments, chance would
    give each half (an exact binomial test, by way of the interval that inverts it).
    """
    total = sum(row.count for row in rows)
    if not total:
        return "No comment is left to count."
    first, second = sorted(rows, key=lambda row: -row.count)[:2]
    comments = f"Of {total:,} comments," if total > 1 else "Of 1 comment,"
    if first.count == second.count:
        return f"{comments} as many are {first.name} as {second.name}: {first.share:.0f} % each."
    low, _ = exact_interval([first.count], [first.count + second.count])
    sure = "" if low[0] > 0.5 else ", though not by more than chance may explain"
    return (
        f"{comments} {first.share:.0f} % are {first.name} and {second.share:.0f} % "
        f"{second.name}{sure}."
    )
