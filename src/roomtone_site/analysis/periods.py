"""Days put together into as many periods as a chart can show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

MOST = 48


@dataclass(frozen=True)
class Period:
    """A day, week, month or year, and its comments.

    Attributes
    ----------
    start : date
        Its first day; a week begins on Monday.
    counts : tuple of int
        Comments of each class.
    """

    start: date
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        """All its comments."""
        return sum(self.counts)


_BEGIN = {
    "day": lambda day: day,
    "week": lambda day: day - timedelta(days=day.weekday()),
    "month": lambda day: day.replace(day=1),
    "year": lambda day: day.replace(month=1, day=1),
}


def periods(days: Mapping[date, tuple[int, ...]]) -> tuple[str, list[Period]]:
    """Choose the shortest periods of which at most `MOST` lie between the first day and the last.

    Parameters
    ----------
    days : mapping of date to tuple of int
        Comments of each class on each day; days without any may be absent.

    Returns
    -------
    str
        ``"day"``, ``"week"``, ``"month"`` or ``"year"``.
    list of Period
        In their order, the empty ones between them included.
    """
    if not days:
        return "day", []
    first, last = min(days), max(days)
    for unit in _BEGIN:
        starts = _starts(unit, first, last)
        if len(starts) <= MOST or unit == "year":
            break
    classes = len(next(iter(days.values())))
    sums = {start: [0] * classes for start in starts}
    for day, counts in days.items():
        into = sums[_BEGIN[unit](day)]
        for code, count in enumerate(counts):
            into[code] += count
    return unit, [Period(start, tuple(counts)) for start, counts in sums.items()]


def _starts(unit: str, first: date, last: date) -> list[date]:
    start = _BEGIN[unit](first)
    found: list[date] = []
    while start <= last and len(found) <= 10_000:
        found.append(start)
        # Into the next period by a day that surely lies in it, then back to its beginning.
        step = {"day": 1, "week": 7, "month": 32, "year": 367}[unit]
        try:
            start = _BEGIN[unit](start + timedelta(days=step))
        except OverflowError:  # the calendar's end
            break
    return found
