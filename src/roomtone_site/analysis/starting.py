"""What pages, the API and commands call: add a video, start an analysis, change its filters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from roomtone.errors import DataError
from roomtone.sources.links import video_id
from roomtone_site.analysis.models import READABLE, Analysis, ModelVersion, Removal, State
from roomtone_site.analysis.options import Options
from roomtone_site.analysis.versions import find_version
from roomtone_site.comments.models import Source, YouTubeVideo
from roomtone_site.jobs.queueing import enqueue

_FILTERS = ("spam", "duplicates", "languages", "min_length", "max_length")


def add_video(user: Any, link: str) -> YouTubeVideo:
    """Find an account's video by any form of link to it, or add it; nothing is fetched yet.

    Raises
    ------
    DataError
        If the link leads to no video.
    """
    name = video_id(link)
    video: YouTubeVideo = YouTubeVideo.objects.get_or_create(
        owner=user, video_id=name, defaults={"source": Source.API, "title": name}
    )[0]
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
        analysis has fetched it before.

    Raises
    ------
    RoomtoneError
        If an option, the model or the video cannot be used; says what can.
    """
    given = dict(options or {})
    from_youtube = video.source == Source.API
    given.setdefault("fetch", from_youtube and not _was_fetched(video))
    chosen = Options.read(given)
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
        analysis = Analysis.objects.create(
            owner=user,
            video=video,
            engine=version.name,
            engine_version=version.digest,
            options=chosen.stored(),
        )
        enqueue(analysis)
    return analysis


def retry(analysis: Analysis) -> None:
    """Let an analysis that failed, or waits for its quota, go on now from where it was.

    Raises
    ------
    DataError
        If it is under way or done.
    """
    _queue_again(analysis, (State.FAILED, State.PARTIAL), {})


def fetch_again(analysis: Analysis) -> None:
    """Fetch a video's comments anew and score those that are new or have changed.

    Raises
    ------
    DataError
        If the analysis is under way, or the video is none of YouTube's.
    """
    if analysis.video.source != Source.API:
        raise DataError(
            f"this video's comments come from {analysis.video.get_source_display()}, and are not "
            "fetched"
        )
    _queue_again(analysis, (State.DONE, State.FAILED), {"fetch": True}, from_the_start=True)


def change_filters(analysis: Analysis, changes: Mapping[str, Any]) -> None:
    """Filter the comments of an analysis by other options; nothing is fetched or scored again.

    Parameters
    ----------
    analysis : Analysis
        One that is done.
    changes : mapping
        Some of ``spam``, ``duplicates``, ``languages``, ``min_length`` and ``max_length``.

    Raises
    ------
    DataError
        If an option cannot have its value, or the analysis is under way.
    """
    if others := sorted(set(changes) - set(_FILTERS)):
        raise DataError(f"{', '.join(others)}: no filter; expected {', '.join(_FILTERS)}")
    _queue_again(analysis, (State.DONE,), changes)


def keep_comment(analysis: Analysis, comment: int) -> None:
    """Let a comment stay in an analysis whatever its filters say, now and when they change.

    A worker counts it in; until then the figures are those from before.

    Raises
    ------
    DataError
        If no filter left it out, or the analysis is under way.
    """
    with transaction.atomic():
        row = Analysis.objects.select_for_update().get(pk=analysis.pk)
        _check_state(row, READABLE)
        if not Removal.objects.filter(analysis=row, comment_id=comment).delete()[0]:
            raise DataError("no filter of this analysis left that comment out")
        kept = {*Options.read(row.options).kept, comment}
        row.options = Options.read({**row.options, "kept": sorted(kept)}).stored()
        row.uncounted += 1
        row.save(update_fields=["options", "uncounted"])
        enqueue(row)


def _was_fetched(video: YouTubeVideo) -> bool:
    found = Analysis.objects.filter(video=video, state=State.DONE, options__fetch=True)
    return bool(found.exists())


def _queue_again(
    analysis: Analysis,
    states: tuple[State, ...],
    changes: Mapping[str, Any],
    *,
    from_the_start: bool = False,
) -> None:
    with transaction.atomic():
        row = Analysis.objects.select_for_update().get(pk=analysis.pk)
        _check_state(row, states)
        if row.claim and row.state != State.DONE:
            raise DataError("a worker is at this analysis just now; try again in a moment")
        row.claim = ""  # a worker that only counts what is done finds itself relieved
        row.options = Options.read({**row.options, **changes}).stored()
        row.state, row.message, row.resume_at = State.QUEUED, "", None
        row.finished, row.rescues, row.tries = None, 0, 0
        if from_the_start:
            row.page_token = ""
        row.save()
        enqueue(row)


def _check_state(row: Analysis, states: tuple[State, ...]) -> None:
    if row.state not in states:
        raise DataError(
            f"this analysis is {row.get_state_display().lower()}; expected it to be "
            f"{' or '.join(states)}"
        )
