"""The course of an analysis: fetch, score, filter; each step can be the last of a worker."""

from __future__ import annotations

import logging
from dataclasses import asdict

from django.db import OperationalError
from django.utils import timezone

from roomtone.errors import RoomtoneError
from roomtone.sources.failures import QuotaExceededError, YouTubeError
from roomtone_site.analysis import claims, queueing
from roomtone_site.analysis.claims import Claim, LostClaimError
from roomtone_site.analysis.fetching import END, fetch, open_client
from roomtone_site.analysis.filtering import filter_comments
from roomtone_site.analysis.models import Analysis, ModelVersion, State
from roomtone_site.analysis.options import Options
from roomtone_site.analysis.scoring import score
from roomtone_site.analysis.stopping import StoppedError
from roomtone_site.analysis.summary import KEY, summarise
from roomtone_site.analysis.versions import NoModelError, load_version

_log = logging.getLogger("roomtone_site.analysis")


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
    claim = claims.take(pk)
    if claim is None:
        return "another worker has it, or nothing is to be done"
    with claims.beating(claim):
        try:
            _work(claim)
            return _finish(claim)
        except LostClaimError:
            return "it was given to another worker"
        except StoppedError:
            with claim.step() as row:
                row.claim = ""
                row.save()
                queueing.enqueue(row)
            return "the worker was asked to end; another goes on"
        except OperationalError:
            raise
        except RoomtoneError as error:
            reason = error.reason if isinstance(error, YouTubeError) else ""
            return _fail(claim, str(error), reason or type(error).__name__)
        except Exception as error:
            _log.exception("analysis %s failed", pk)
            told = f"A fault of the program ({type(error).__name__}); the worker's log has more."
            return _fail(claim, told, type(error).__name__)


def _work(claim: Claim) -> None:
    with claim.step() as row:
        options = Options.read(row.options)
        fetching = options.fetch and row.page_token != END and row.state != State.SCORING
    engine = load_version(_version(row))
    if fetching:
        try:
            fetch(claim, open_client())
        except QuotaExceededError as error:
            with claim.step() as row:
                row.message, row.resume_at = str(error), error.resets_at
                row.save()
    score(claim, engine)
    filter_comments(claim, options)


def _version(analysis: Analysis) -> ModelVersion:
    usable = ModelVersion.objects.usable_by(analysis.owner)
    found: ModelVersion | None = usable.filter(digest=analysis.engine_version).first()
    if found is None:
        raise NoModelError(
            f"The model {analysis.engine!r} was removed before it was used; start the analysis "
            "again with another one."
        )
    return found


def _finish(claim: Claim) -> str:
    with claim.step() as row:
        pass
    summary = summarise(row)
    with claim.step() as row:
        row.claim, row.result = "", {KEY: asdict(summary)}
        if row.resume_at is not None:
            row.state = State.PARTIAL
            queueing.enqueue(row, after=row.resume_at)
        else:
            row.state, row.finished, row.message = State.DONE, timezone.now(), ""
        row.save()
        return str(row.state)


def _fail(claim: Claim, message: str, reason: str) -> str:
    try:
        with claim.step() as row:
            row.claim, row.state, row.finished = "", State.FAILED, timezone.now()
            row.message, row.result = message, {"reason": reason}
            row.save()
    except LostClaimError:
        return "it was given to another worker"
    return f"{State.FAILED}: {reason}"
