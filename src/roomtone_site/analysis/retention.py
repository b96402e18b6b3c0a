"""What YouTube's terms ask of those who store its data: after 30 days it is fetched anew, or gone.

See https://developers.google.com/youtube/terms/developer-policies.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, Min, OuterRef, Q
from django.utils import timezone

from roomtone.errors import RoomtoneError
from roomtone.sources.failures import CommentsDisabledError, ForbiddenError, VideoNotFoundError
from roomtone_site.accounts.deleting import delete
from roomtone_site.analysis.again import fetch_again
from roomtone_site.analysis.counting import forget
from roomtone_site.analysis.models import ACTIVE, READABLE, Analysis, State
from roomtone_site.comments.models import Source, YouTubeComment, YouTubeVideo

DAYS = 30
REFRESH_AFTER = 25
_BETWEEN_TRIES = timedelta(hours=20)
_LOT = 1000
_LASTING = {kind.reason for kind in (CommentsDisabledError, ForbiddenError, VideoNotFoundError)}
_log = logging.getLogger("roomtone_site.analysis")


@dataclass(frozen=True)
class Expired:
    """What was too old.

    Attributes
    ----------
    comments : int
        Comments that were deleted, with what was predicted and labelled of them.
    videos : int
        Videos without any comment left, deleted with their analyses.
    """

    comments: int
    videos: int


def refresh(days: int = REFRESH_AFTER) -> int:
    """Queue the videos to be fetched anew whose data is older than some days.

    The newest analysis of each that has something to show goes through its fetch again and scores
    what is new. A comment that YouTube no longer has is not seen then, and so expires. A fetch
    that failed is begun again the next time, unless the video is gone or closed.

    Returns
    -------
    int
        How many were queued.
    """
    queued = 0
    for video in _old(timezone.now() - timedelta(days=days)).iterator():
        analysis = _to_refresh(video)
        if analysis is None or analysis.reason in _LASTING or _was_just_tried(analysis):
            continue
        try:
            fetch_again(analysis)
        except RoomtoneError as error:
            _log.warning("video %s is not fetched again now: %s", video.pk, error)
        else:
            queued += 1
    return queued


def _was_just_tried(analysis: Analysis) -> bool:
    """Tell whether it failed within the last hours, so that some rounds in a day make one try."""
    ended = analysis.finished
    return bool(analysis.reason and ended and ended > timezone.now() - _BETWEEN_TRIES)


def _old(limit: datetime) -> Any:
    """Find videos of which something is old, and that nothing is under way for."""
    of_it = Analysis.objects.filter(video=OuterRef("pk"))
    under_way = of_it.filter(Q(state__in=ACTIVE) | Q(state=State.PARTIAL, resume_at__isnull=False))
    # One that broke off has new facts and old comments. Without such, old comments are those
    # that YouTube no longer has.
    broke_off = of_it.filter(state__in=(State.PARTIAL, State.FAILED), options__fetch=True)
    old = YouTubeComment.objects.filter(video=OuterRef("pk"), fetched_at__lte=limit)
    return YouTubeVideo.objects.filter(
        Q(fetched_at__lte=limit) | Exists(broke_off) & Exists(old), ~Exists(under_way), source="api"
    )


def _to_refresh(video: YouTubeVideo) -> Analysis | None:
    rows = Analysis.objects.filter(video=video).order_by("-created", "-pk").defer("options")
    readable = rows.filter(state__in=READABLE).first()
    found: Analysis | None = readable or rows.filter(options__fetch=True).first()
    return found


def first_expiry(video: YouTubeVideo) -> datetime | None:
    """Tell when the first comment of a video expires; None where none does."""
    oldest = YouTubeComment.objects.filter(video=video).aggregate(at=Min("fetched_at"))["at"]
    return oldest + timedelta(days=DAYS) if oldest and video.source == Source.API else None


def expire(days: int = DAYS) -> Expired:
    """Delete what YouTube sent more than some days ago and did not send since.

    Comments that were imported or made as a sample stay, and so do labels of them.
    """
    limit = timezone.now() - timedelta(days=days)
    comments, videos = 0, set()
    old = YouTubeComment.objects.filter(video__source=Source.API, fetched_at__lte=limit)
    while lot := list(old.order_by("pk").values_list("pk", "video_id")[:_LOT]):
        touched = {video for _, video in lot}
        with transaction.atomic():
            # Whoever stores or filters comments of theirs waits, and what was fetched anew
            # meanwhile is not old.
            list(YouTubeVideo.objects.select_for_update().filter(pk__in=touched).order_by("pk"))
            keys = old.filter(pk__in=[pk for pk, _ in lot]).select_for_update().order_by("pk")
            gone = list(keys.values_list("pk", flat=True))
            YouTubeComment.objects.filter(pk__in=gone).delete()
        comments += len(gone)
        videos |= touched
    for key in Analysis.objects.filter(video__in=videos).values_list("pk", flat=True):
        forget(key)
    return Expired(comments, _expire_facts(limit))


def _expire_facts(limit: datetime) -> int:
    rest = YouTubeComment.objects.filter(video=OuterRef("pk"))
    old = YouTubeVideo.objects.filter(source=Source.API, fetched_at__lte=limit)
    empty, count = old.filter(~Exists(rest)), 0
    for video, owner in empty.values_list("pk", "owner_id"):
        try:
            count += delete(empty.filter(pk=video), owner=owner)
        except RoomtoneError as error:
            _log.warning("video %s is not deleted now: %s", video, error)
    old.filter(Exists(rest)).update(
        title=F("video_id"), channel="", published=None, comment_count=None, fetched_at=None
    )
    return count
