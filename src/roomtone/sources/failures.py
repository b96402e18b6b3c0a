"""What can go wrong between here and YouTube: an exception for each, told apart by its reason.

The status of an answer says little: 403 stands for an exhausted quota as well as for comments
that are turned off. The reason in its body tells.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from roomtone.errors import RoomtoneError

_CONSOLE = "https://console.cloud.google.com/apis"
_KEY = re.compile(r"([?&]key=)[^&\s\"']+|AIza[\w-]{20,}")
_LONGEST_MESSAGE = 300


class YouTubeError(RoomtoneError):
    """An answer of YouTube that is none, or the lack of one.

    Attributes
    ----------
    reason : str
        A short name that programs can branch on.
    temporary : bool
        Whether the same request may well succeed later.
    """

    reason: ClassVar[str] = "unexpected"
    temporary: ClassVar[bool] = False


class QuotaExceededError(YouTubeError):
    """The day's units are used up; `resets_at` says when there will be new ones."""

    reason = "quotaExceeded"
    temporary = True

    def __init__(self, now: datetime | None = None) -> None:
        self.resets_at = quota_reset(now)
        super().__init__(
            "The day's quota of this YouTube key is used up. It is renewed at "
            f"{self.resets_at:%Y-%m-%d %H:%M} UTC, midnight in California; what was fetched is "
            "kept, and fetching can go on from there."
        )


class CommentsDisabledError(YouTubeError):
    """The video takes no comments."""

    reason = "commentsDisabled"


class ForbiddenError(YouTubeError):
    """The video is private, or its comments may not be read with this key."""

    reason = "forbidden"


class VideoNotFoundError(YouTubeError):
    """There is no such video, or it is private or was removed."""

    reason = "videoNotFound"


class BadKeyError(YouTubeError):
    """The key is missing, wrong, expired, restricted, or the API is not enabled for it."""

    reason = "badKey"


class InvalidPageTokenError(YouTubeError):
    """The place from which fetching was to go on is no longer known."""

    reason = "invalidPageToken"


class ProcessingFailureError(YouTubeError):
    """YouTube could not process the request, again and again."""

    reason = "processingFailure"
    temporary = True


class RateLimitedError(YouTubeError):
    """Too many requests in a short time."""

    reason = "rateLimitExceeded"
    temporary = True


class UnavailableError(YouTubeError):
    """YouTube answers with faults of its own."""

    reason = "backendError"
    temporary = True


class NetworkError(YouTubeError):
    """YouTube is not reached, or does not answer in time."""

    reason = "network"
    temporary = True


class BrokenAnswerError(YouTubeError):
    """What came is not what the API is documented to send."""

    reason = "brokenAnswer"
    temporary = True


class CommentNotFoundError(YouTubeError):
    """A thread that was listed a moment ago is gone."""

    reason = "commentNotFound"


_QUOTA = {"quotaExceeded", "dailyLimitExceeded", "dailyLimitExceededUnreg"}
_RATE = {"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED"}
_NOT_ENABLED = {"accessNotConfigured", "SERVICE_DISABLED"}
_BAD_KEY = {"keyInvalid", "keyExpired", "API_KEY_INVALID", "CONSUMER_INVALID", "required"}
_OWN_FAULTS = {"backendError", "internalError", "SERVICE_UNAVAILABLE"}


def quota_reset(now: datetime | None = None) -> datetime:
    """Tell when YouTube next renews its quotas, in UTC: at midnight Pacific time."""
    pacific = ZoneInfo("America/Los_Angeles")
    today = (now or datetime.now(UTC)).astimezone(pacific).date()
    midnight = datetime.combine(today + timedelta(days=1), time(), pacific)
    return midnight.astimezone(UTC)


def failure(status: int, content: bytes, *, now: datetime | None = None) -> YouTubeError:
    """Turn an answer that reports an error into its exception.

    Parameters
    ----------
    status : int
        HTTP status.
    content : bytes
        The body.
    now : datetime, optional
        The time, for the renewal of the quota.
    """
    said, reasons = _said(content)
    if reasons & _QUOTA:
        return QuotaExceededError(now)
    if reasons & _RATE or status == 429:
        return RateLimitedError("YouTube asks for fewer requests; try again in some minutes.")
    if reasons & _NOT_ENABLED:
        return BadKeyError(
            "The YouTube Data API v3 is not enabled in the project of this key. Enable it at "
            f"{_CONSOLE}/library/youtube.googleapis.com, wait some minutes and try again."
        )
    if any(reason.startswith(("API_KEY_", "ipReferer")) for reason in reasons - _BAD_KEY):
        return BadKeyError(
            "This YouTube key is restricted and may not be used from here, or for this API. "
            f"Change its restrictions at {_CONSOLE}/credentials."
        )
    if reasons & _BAD_KEY or "api key" in said.lower() or "unregistered callers" in said.lower():
        return BadKeyError(
            "YouTube does not accept the key. Check that it was copied whole and is not expired, "
            f"or make a new one at {_CONSOLE}/credentials."
        )
    return _of_the_video(status, reasons, said)


def _of_the_video(status: int, reasons: set[str], said: str) -> YouTubeError:
    if "commentsDisabled" in reasons:
        return CommentsDisabledError(
            "Comments are turned off for this video, so there is nothing to fetch; choose another."
        )
    if "videoNotFound" in reasons:
        return not_found()
    if "commentNotFound" in reasons:
        return CommentNotFoundError("This comment was removed meanwhile.")
    if "invalidPageToken" in reasons:
        return InvalidPageTokenError(
            "YouTube no longer knows the place from which fetching was to go on; fetch from the "
            "start again. Comments that are there already are not stored twice."
        )
    if "processingFailure" in reasons:
        return ProcessingFailureError(
            "YouTube failed to process the request, again and again. Try in some minutes; if it "
            "stays so, fetch without replies or by time instead of relevance."
        )
    if reasons & _OWN_FAULTS or status >= 500:
        return UnavailableError(
            f"YouTube answers with a fault of its own (status {status}); try again later."
        )
    if not (said or reasons):
        return BrokenAnswerError(
            f"The answer (status {status}) is not one of YouTube's API; something on the way may "
            "have refused the request (a proxy, a firewall, a login page of the network). Check "
            "the network, and try again later."
        )
    if "forbidden" in reasons or status in (401, 403):
        return ForbiddenError(
            "YouTube does not let the comments of this video be read: it is private, or limited "
            "to some viewers. Only public and unlisted videos can be fetched."
        )
    told = f"{', '.join(sorted(reasons)) or 'no reason given'}; {said or 'no message'}"
    return YouTubeError(
        f"YouTube refused the request (status {status}: {told}). Check the video's link and try "
        "again."
    )


def not_found() -> VideoNotFoundError:
    """Make the error that says that there is no such video."""
    return VideoNotFoundError(
        "There is no such video: it was removed, is private, or its id is mistyped. Open the link "
        "in a browser that is not signed in to see whether it plays."
    )


def without_key(text: str) -> str:
    """Remove API keys from a text that is to be shown or logged."""
    return _KEY.sub(lambda match: f"{match[1] or ''}[key]", text)


def _said(content: bytes) -> tuple[str, set[str]]:
    """Read the message and the reasons of an error's body; nothing where it has another form."""
    try:
        body = json.loads(content.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return "", set()
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return "", set()
    message = error.get("message")
    said = without_key(message)[:_LONGEST_MESSAGE] if isinstance(message, str) else ""
    return said, set(_reasons(error))


def _reasons(error: dict[str, Any]) -> Iterator[str]:
    for key in ("errors", "details"):
        entries = error.get(key)
        for entry in entries if isinstance(entries, list) else []:
            reason = entry.get("reason") if isinstance(entry, dict) else None
            if isinstance(reason, str):
                yield reason
