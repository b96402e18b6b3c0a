"""Going on with an analysis that has stopped: more comments, newer ones, or other filters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from roomtone.errors import DataError
from roomtone_site.analysis.models import READABLE, Analysis, Removal, State
from roomtone_site.analysis.options import FILTERS, Options
from roomtone_site.analysis.starting import check_fetched_once, fetched_with, one_at_a_time
from roomtone_site.comments.models import Source
from roomtone_site.jobs.queueing import enqueue


def retry(analysis: Analysis) -> None:
    """Let an analysis that failed, or waits for its quota, go on now from where it was.

    Raises
    ------
    DataError
        If it is under way or done.
    """
    _queue_again(analysis, (State.FAILED, State.PARTIAL), {})


def fetch_again(analysis: Analysis) -> None:
    """Fetch a video's comments anew, as the last time, and score those that are new or changed.

    Raises
    ------
    DataError
        If the analysis is under way, or waits to go on, or the video is none of YouTube's.
    """
    if analysis.video.source != Source.API:
        raise DataError(
            f"this video's comments come from {analysis.video.get_source_display()}, and are not "
            "fetched"
        )
    _check_does_not_wait(analysis)
    again = {"fetch": True, **fetched_with(analysis.video)}
    _queue_again(analysis, (*READABLE, State.FAILED), again, from_the_start=True)


def change_filters(analysis: Analysis, changes: Mapping[str, Any]) -> None:
    """Filter the comments of an analysis by other options; nothing is fetched or scored again.

    Parameters
    ----------
    analysis : Analysis
        One that is done, or has stopped before the end.
    changes : mapping
        Some of `FILTERS`.

    Raises
    ------
    DataError
        If an option cannot have its value, or the analysis is under way.
    """
    if others := sorted(set(changes) - set(FILTERS)):
        raise DataError(f"{', '.join(others)}: no filter; expected {', '.join(FILTERS)}")
    with transaction.atomic():
        row = _stopped(analysis, READABLE)
        _check_does_not_wait(row)
        row.options = Options.read({**row.options, **changes}).stored()
        row.state, row.rescues = State.SCORING, 0
        row.save()
        enqueue(row)


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


def _queue_again(
    analysis: Analysis,
    states: tuple[State, ...],
    changes: Mapping[str, Any],
    *,
    from_the_start: bool = False,
) -> None:
    """Put an analysis before a worker that will fetch what is still to come."""
    with transaction.atomic():
        one_at_a_time(analysis.owner_id)
        row = _stopped(analysis, states)
        row.options = Options.read({**row.options, **changes}).stored()
        if from_the_start:
            row.page_token = ""
        if row.unfetched:
            check_fetched_once(row.video, but=row.pk)
        row.state, row.message, row.resume_at = State.QUEUED, "", None
        row.finished, row.rescues, row.tries = None, 0, 0
        row.save()
        enqueue(row)


def _stopped(analysis: Analysis, states: tuple[State, ...]) -> Analysis:
    """Lock an analysis that no worker is at."""
    row: Analysis = Analysis.objects.select_for_update().get(pk=analysis.pk)
    _check_state(row, states)
    if row.claim and (row.waits or row.state not in READABLE):
        raise DataError("a worker is at this analysis just now; try again in a moment")
    row.claim = ""  # a worker that only counts what is done finds itself relieved
    return row


def _check_does_not_wait(row: Analysis) -> None:
    if row.waits:
        raise DataError(
            f"this analysis goes on by itself at {row.resume_at:%Y-%m-%d %H:%M} UTC; wait for "
            "that, or let it go on now"
        )


def _check_state(row: Analysis, states: tuple[State, ...]) -> None:
    if row.state not in states:
        raise DataError(
            f"this analysis is {row.get_state_display().lower()}; expected it to be "
            f"{' or '.join(states)}"
        )
