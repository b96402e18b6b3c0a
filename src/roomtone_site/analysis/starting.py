"""What pages, the API and commands call: add a video, start an analysis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q

from roomtone.errors import DataError
from roomtone.sources.links import video_id
from roomtone_site.analysis.models import (
    ACTIVE,
    END,
    READABLE,
    Analysis,
    ModelVersion,
    State,
)
from roomtone_site.analysis.options import Options
from roomtone_site.analysis.versions import find_version
from roomtone_site.comments.models import Source, YouTubeVideo
from roomtone_site.jobs.queueing import enqueue

MOST_OPEN = 20
_FETCHING = ("order", "replies", "limit")


class BusyError(DataError):
    """What is asked for has to wait for something that is under way."""


def add_video(user: Any, link: str) -> YouTubeVideo:
    """Find an account's video by any form of link to it, or add it; nothing is fetched yet.

    One whose comments a file brought can be fetched afterwards, too. What the file brought stays
    the account's own: it never expires, and may be exported.

    Raises
    ------
    DataError
        If the link leads to no video.
    """
    name = video_id(link)
    video: YouTubeVideo = YouTubeVideo.objects.get_or_create(
        owner=user, video_id=name, defaults={"source": Source.API, "title": name}
    )[0]
    if video.source == Source.IMPORT:
        video.source, video.fetched_at = Source.API, None
        video.save(update_fields=["source", "fetched_at"])
    return video


def start_analysis(
    user: Any,
    video: YouTubeVideo,
    *,
    version: ModelVersion | None = None,
    model: str = "",
    options: Mapping[str, Any] | None = None,
) -> Analysis:
    """Queue an analysis of a video.

    Parameters
    ----------
    user : User
        Whose it is; the video has to be theirs, too.
    video : YouTubeVideo
        What to analyse.
    version : ModelVersion, optional
        The model; `find_version` by the name `model` where not given.
    model : str
        A model's name; the one in use where empty.
    options : mapping, optional
        As `Options`. Where ``fetch`` is not given, a video of YouTube's is fetched unless an
        analysis has fetched it before; what is not given of how it is fetched is as the last time.

    Raises
    ------
    BusyError
        If the video is being fetched already, or too many analyses of the account are open.
    RoomtoneError
        If an option, the model or the video cannot be used; says what can.
    """
    given = dict(options or {})
    from_youtube = video.source == Source.API
    given.setdefault("fetch", from_youtube and not _was_fetched(video))
    chosen = Options.read({**fetched_with(video), **given} if from_youtube else given)
    if chosen.fetch and not from_youtube:
        raise DataError(
            f"fetch: this video's comments come from {video.get_source_display()}, "
            "and are not fetched; leave the option out"
        )
    if video.owner_id != user.pk:
        raise DataError("this video is another account's")
    if version is None:
        version = find_version(user, model)
    elif not ModelVersion.objects.usable_by(user).filter(pk=version.pk).exists():
        raise DataError("this model is another account's")
    with transaction.atomic():
        one_at_a_time(user.pk)
        _check_open(user)
        if chosen.fetch:
            check_fetched_once(video)
        analysis = Analysis.objects.create(
            owner=user,
            video=video,
            engine=version.name,
            engine_version=version.digest,
            options=chosen.stored(),
        )
        enqueue(analysis)
    return analysis


def fetched_with(video: YouTubeVideo) -> dict[str, Any]:
    """Tell how the comments of a video were fetched the last time.

    Returns
    -------
    dict
        Some of the options of an analysis; empty where none has fetched them yet.
    """
    rows = Analysis.objects.filter(video=video, options__fetch=True)
    known = list(rows.order_by("-created", "-pk").values_list("state", "options"))
    brought = [options for state, options in known if state != State.FAILED]
    for options in (*brought, *(options for _, options in known)):
        return {name: options[name] for name in _FETCHING if name in options}
    return {}


def _was_fetched(video: YouTubeVideo) -> bool:
    found = Analysis.objects.filter(video=video, state__in=READABLE, options__fetch=True)
    return bool(found.exists())


def one_at_a_time(owner: Any) -> None:
    """Let of two requests at once the second see what the first has begun."""
    get_user_model()._default_manager.select_for_update().get(pk=owner)


def _check_open(user: Any) -> None:
    if Analysis.objects.owned_by(user).filter(state__in=ACTIVE).count() >= MOST_OPEN:
        raise BusyError(
            f"{MOST_OPEN} analyses of yours are under way; start another when one of them is done"
        )


def check_fetched_once(video: YouTubeVideo, *, but: int | None = None) -> None:
    """Make sure that no analysis of a video is fetching it, or waits to, but the one named.

    Raises
    ------
    BusyError
        If one is.
    """
    under_way = Q(state__in=(State.QUEUED, State.FETCHING)) | Q(
        state=State.PARTIAL, resume_at__isnull=False
    )
    rows = Analysis.objects.filter(under_way, video=video, options__fetch=True)
    other = rows.exclude(page_token=END).exclude(pk=but).first()
    if other is not None:
        raise BusyError(
            "the video's comments are being fetched, or wait to be, by its analysis of "
            f"{other.created:%Y-%m-%d %H:%M} UTC; go on when that is done"
        )
