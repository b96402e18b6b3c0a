"""The id of a YouTube video, from any form of link to it."""

from __future__ import annotations

import html
import re
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from roomtone.errors import DataError

LONGEST = 2048
_ID = re.compile(r"[A-Za-z0-9_-]{11}")
_ID_AT_START = re.compile(r"([A-Za-z0-9_-]{11})(?![A-Za-z0-9_-])")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:(?!\d)", re.IGNORECASE)
_SITE = re.compile(
    r"(?:(?:www|m|music|gaming|studio)\.)?youtube\.com|(?:www\.)?youtube-nocookie\.com"
)
_SHORT = re.compile(r"(?:www\.)?youtu\.be")
_BEFORE_ID = frozenset({"watch", "shorts", "live", "embed", "v", "e", "vi", "video"})
# Eleven characters that stand where an id does, and are none.
_NO_IDS = frozenset({"videoseries", "live_stream"})
_FORMS = (
    "give a link such as https://www.youtube.com/watch?v=VIDEO or https://youtu.be/VIDEO, or the "
    "id alone: 11 letters, digits, hyphens and underscores"
)


def video_id(link: str) -> str:
    """Find the id of the video that a link leads to.

    Parameters
    ----------
    link : str
        As a person pastes it: youtu.be, watch (with a playlist or whatever else), shorts, live,
        embed, of www, m, music or youtube-nocookie; with or without ``https://``; or a bare id.

    Returns
    -------
    str
        Its 11 characters.

    Raises
    ------
    DataError
        If it leads to no video; the text says what it is, where that can be told.

    Examples
    --------
    >>> video_id("m.youtube.com/watch?list=PL1&v=dQw4w9WgXcQ&t=43s")
    'dQw4w9WgXcQ'
    """
    text = html.unescape(link).strip().strip("<>\"'()").strip()
    if not text:
        raise DataError(f"no link was given: {_FORMS}")
    if len(text) > LONGEST:
        raise DataError(f"a link of {len(text):,} characters is no link to a video: {_FORMS}")
    if _ID.fullmatch(text):
        return text
    parts = _split(text)
    found = _found(parts)
    if found is None:
        raise DataError(f"{_shown(text)!r} {_what_it_is(parts)}; {_FORMS}")
    return found


def _split(text: str) -> SplitResult:
    if text.lower().startswith(("vnd.youtube:", "youtube:")):  # as apps hand links on
        text = "youtu.be/" + text.partition(":")[2].lstrip("/")
    if not _SCHEME.match(text):
        text = "https://" + text.lstrip("/")
    try:
        return urlsplit(text)
    except ValueError:  # brackets that are no address
        return SplitResult("", "", "", "", "")


def _host(parts: SplitResult) -> str:
    try:
        return (parts.hostname or "").lower().rstrip(".")
    except ValueError:
        return ""


def _found(parts: SplitResult) -> str | None:
    if parts.scheme.lower() not in ("http", "https"):
        return None
    host, path = _host(parts), [step for step in unquote(parts.path).split("/") if step]
    if _SHORT.fullmatch(host):
        return _id_at_start(path[0]) if path else _in_query(parts.query)
    if not _SITE.fullmatch(host):
        return None
    if len(path) > 1 and path[0].lower() in _BEFORE_ID:
        found = _id_at_start(path[1])
        if found is not None:
            return found
    return _in_query(parts.query) or _in_fragment(parts.fragment) or _in_inner_link(parts.query)


def _id_at_start(text: str) -> str | None:
    match = _ID_AT_START.match(text)
    return match[1] if match and match[1] not in _NO_IDS else None


def _in_query(query: str) -> str | None:
    for value in _values(query, "v") + _values(query, "vi"):
        if (found := _id_at_start(value.strip())) is not None:
            return found
    return None


def _in_fragment(fragment: str) -> str | None:
    """Read ``#/watch?v=VIDEO`` and ``#!v=VIDEO``, as old mobile links have them."""
    return _in_query(fragment.partition("?")[2] or fragment.lstrip("!"))


def _in_inner_link(query: str) -> str | None:
    """Read ``attribution_link?u=/watch?v=VIDEO``."""
    for value in _values(query, "u"):
        if (found := _in_query(value.partition("?")[2])) is not None:
            return found
    return None


def _values(query: str, key: str) -> list[str]:
    try:
        return parse_qs(query, max_num_fields=100).get(key, [])
    except ValueError:
        return []


def _what_it_is(parts: SplitResult) -> str:
    host, first = _host(parts), parts.path.strip("/").partition("/")[0].lower()
    if not (_SITE.fullmatch(host) or _SHORT.fullmatch(host)):
        return "leads to no video on YouTube"
    if first == "playlist" or _values(parts.query, "list"):
        return "leads to a playlist: open one of its videos and copy that link"
    if first.startswith("@") or first in ("channel", "c", "user"):
        return "leads to a channel: open one of its videos and copy that link"
    if first == "clip":
        return "leads to a clip: open the video that it was cut from and copy that link"
    return "is a link to YouTube that names no video, or whose id is incomplete"


def _shown(text: str) -> str:
    return text if len(text) <= 80 else text[:79] + "…"
