"""What YouTube's terms ask of those who store its data: after 30 days it is fetched anew, or gone.

See https://developers.google.com/youtube/terms/developer-policies.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from roomtone_site.analysis.counting import forget
from roomtone_site.analysis.models import ACTIVE, Analysis, State
from roomtone_site.analysis.starting import fetch_again
from roomtone_site.comments.models import Source, YouTubeComment, YouTubeVideo

DAYS = 30
REFRESH_AFTER = 25
_LOT = 1000


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

    The newest analysis of each goes through its fetch again and scores what is new. A comment
    that YouTube no longer has is not seen then, and so expires.

    Returns
    -------
    int
        How many were queued.
    """
    old = YouTubeVideo.objects.filter(
        source=Source.API, fetched_at__lte=timezone.now() - timedelta(days=days)
    )
    under_way = Analysis.objects.filter(video=OuterRef("pk"), state__in=(*ACTIVE, State.PARTIAL))
    queued = 0
    for video in old.filter(~Exists(under_way)).iterator():
        newest = Analysis.objects.filter(video=video).order_by("-created", "-pk").first()
        # One that failed would fail again every day; its data expires.
        if newest is not None and newest.state == State.DONE:
            fetch_again(newest)
            queued += 1
    return queued


def expire(days: int = DAYS) -> Expired:
    """Delete what YouTube sent more than some days ago and did not send since.

    Comments that were imported or made as a sample stay, and so do labels of them.
    """
    limit = timezone.now() - timedelta(days=days)
    comments, videos = 0, set()
    old = YouTubeComment.objects.filter(video__source=Source.API, fetched_at__lte=limit)
    while lot := list(old.order_by("pk").values_list("pk", "video_id")[:_LOT]):
        with transaction.atomic():
            YouTubeComment.objects.filter(pk__in=[pk for pk, _ in lot]).delete()
        comments += len(lot)
        videos |= {video for _, video in lot}
    for analysis in Analysis.objects.filter(video__in=videos, state=State.DONE).defer("result"):
        forget(analysis)
    return Expired(comments, _expire_facts(limit))


def _expire_facts(limit: object) -> int:
    rest = YouTubeComment.objects.filter(video=OuterRef("pk"))
    old = YouTubeVideo.objects.filter(source=Source.API, fetched_at__lte=limit)
    empty = old.filter(~Exists(rest))
    count = empty.count()
    empty.delete()
    for video in old.iterator():
        video.title, video.channel = video.video_id, ""
        video.published = video.comment_count = video.fetched_at = None
        video.save()
    return count
