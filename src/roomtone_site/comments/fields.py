"""Values of imported rows, in the many ways in which people and programs write them."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta

from django.utils.dateparse import parse_date, parse_datetime

from roomtone.data.labelling import code_of, shortened
from roomtone.errors import DataError
from roomtone.labels import LabelScheme
from roomtone.texts import storable
from roomtone_site.comments.incoming import MOST_LIKES

_WHOLE = re.compile(r"(\d{1,12})(?:\.0{1,2})?")  # with a point as pandas writes it
_GROUPED = re.compile(r"\d{1,3}(?:[.,]\d{3}){1,3}")
_ROUNDED = re.compile(r"(\d{1,6}(?:[.,]\d{1,3})?)\s?([KMB])", re.IGNORECASE)
_ZONES = {"PDT": -7, "PST": -8, "UTC": 0, "GMT": 0, "+0000": 0}
_WRITTEN_OUT = re.compile(
    r"[A-Z][a-z]{2} (?P<day>[A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d) "
    rf"(?P<zone>{'|'.join(map(re.escape, _ZONES))}) (?P<year>\d{{4}})"
)
_TIMES = {"K": 1_000, "M": 1_000_000, "B": 1_000_000_000}
_EMPTY = {"", "none", "null", "nan", "nat"}
_LABELS = LabelScheme()


def text_of(value: object) -> str:
    """Read a name or an id, without what no database stores; nothing where there is none."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    return storable(str(value)).strip()


def likes_of(value: object) -> int:
    """Read a count such as ``12``, ``1,234``, ``1.2K`` or nothing at all; none is above the most.

    Raises
    ------
    DataError
        If it is no count.
    """
    text = text_of(value)
    if text.lower() in _EMPTY:
        return 0
    if match := _WHOLE.fullmatch(text):
        likes = int(match[1])
    elif _GROUPED.fullmatch(text):
        likes = int(re.sub("[.,]", "", text))
    elif match := _ROUNDED.fullmatch(text):
        likes = round(float(match[1].replace(",", ".")) * _TIMES[match[2].upper()])
    else:
        raise DataError(f"likes: {shortened(text)} is no number from 0 up")
    return min(likes, MOST_LIKES)


def published_of(value: object) -> datetime | None:
    """Read a time: ISO 8601, a date, or seconds since 1970; without a time zone it is UTC.

    Also as the tweets of Sentiment140 have it: ``Mon Apr 06 22:19:45 PDT 2009``.

    Raises
    ------
    DataError
        If it is none of them.
    """
    text = text_of(value)
    if text.lower() in _EMPTY:
        return None
    try:
        if re.fullmatch(r"\d{9,11}(\.\d+)?", text):
            return datetime.fromtimestamp(float(text), UTC)
        found = parse_datetime(text)
        if found is None and (day := parse_date(text)) is not None:
            found = datetime(day.year, day.month, day.day)
        if found is not None:
            return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
        if match := _WRITTEN_OUT.fullmatch(text):
            hours = _ZONES[match["zone"]]
            local = datetime.strptime(f"{match['day']} {match['year']}", "%b %d %H:%M:%S %Y")
            return (local - timedelta(hours=hours)).replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        pass
    raise DataError(
        f"published: {shortened(text)} is no time; expected one such as 2026-01-31T18:30:00Z"
    )


def sentiment_of(value: object) -> int | None:
    """Read a label, or None where there is none.

    Raises
    ------
    DataError
        If it is something else.
    """
    text = text_of(value)
    if text.lower() in _EMPTY:
        return None
    code = code_of(text, _LABELS)
    if code is None:
        raise DataError(f"label: {shortened(text)} is none of {_LABELS.describe()}")
    return code
