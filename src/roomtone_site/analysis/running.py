"""The course of an analysis: fetch, score, filter; each step can be the last of a worker."""

from __future__ import annotations

from dataclasses import asdict

from django.utils import timezone

from roomtone.sources.failures import YouTubeError
from roomtone_site.analysis.counting import count_again
from roomtone_site.analysis.fetching import fetch, open_client
from roomtone_site.analysis.filtering import filter_comments
from roomtone_site.analysis.models import (
    READABLE,
    REASON,
    SUMMARY,
    Analysis,
    ModelVersion,
    State,
)
from roomtone_site.analysis.options import Options
from roomtone_site.analysis.planning import know_sizes
from roomtone_site.analysis.scoring import score
from roomtone_site.analysis.summary import summarise
from roomtone_site.analysis.versions import NoModelError, load_version
from roomtone_site.analysis.waiting import wait
from roomtone_site.jobs.claims import Claim
from roomtone_site.jobs.queueing import enqueue
from roomtone_site.jobs.working import work


def run(pk: int) -> str:
    """Go on with an analysis until it is done, has to wait, or fails.

    Parameters
    ----------
    pk : int
        The analysis.

    Returns
    -------
    str
        Its state, or why nothing was done.

    Raises
    ------
    OperationalError
        If the database fails; the analysis is rescued later, as one whose worker died.
    """
    return work(Analysis, pk, _go_on)


def _go_on(claim: Claim[Analysis]) -> str:
    with claim.step() as row:
        pass
    if row.state in READABLE and not row.has_waited(timezone.now()):
        return count_again(claim)
    options = Options.read(row.options)
    if row.unfetched and row.state != State.SCORING:
        if not row.has_findings:
            _version(row)  # before it costs any quota
        try:
            fetch(claim, open_client())
        except YouTubeError as error:
            wait(claim, error)
    score(claim, lambda: load_version(_version(row)))
    filter_comments(claim, options)
    know_sizes()
    return _finish(claim)


def _version(analysis: Analysis) -> ModelVersion:
    usable = ModelVersion.objects.usable_by(analysis.owner)
    found: ModelVersion | None = usable.filter(digest=analysis.engine_version).first()
    if found is None:
        raise NoModelError(
            f"The model {analysis.engine!r} was removed before it was used; start the analysis "
            "again with another one."
        )
    return found


def _finish(claim: Claim[Analysis]) -> str:
    with claim.step() as before:
        pass
    summary = summarise(before)
    with claim.step() as row:
        row.claim, reason = "", row.reason
        row.result = {SUMMARY: asdict(summary)}
        row.uncounted -= before.uncounted
        if row.uncounted:
            enqueue(row)
        if row.resume_at is not None:
            row.state = State.PARTIAL
            enqueue(row, after=row.resume_at)
        elif row.unfetched:
            row.state, row.finished = State.PARTIAL, timezone.now()
            row.result[REASON] = reason
        else:
            row.state, row.finished, row.message = State.DONE, timezone.now(), ""
        row.save()
        return str(row.state)
