"""One run of a worker at a job: claim it, work, and say what became of it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import InterfaceError, OperationalError

from roomtone.errors import CheckpointError, RoomtoneError
from roomtone_site.jobs.claims import Claim, LostClaimError, beating, take
from roomtone_site.jobs.job import FAILED, Job
from roomtone_site.jobs.queueing import enqueue
from roomtone_site.jobs.stopping import StoppedError

J = TypeVar("J", bound=Job)
_log = logging.getLogger("roomtone_site.jobs")


def work(kind: type[J], pk: int, do: Callable[[Claim[J]], str]) -> str:
    """Go on with a job as far as it goes.

    Parameters
    ----------
    kind : type of Job
        What kind of job it is.
    pk : int
        Which.
    do : callable
        Does it, in steps of the claim that it is given, the last of which gives the claim back.

    Returns
    -------
    str
        What became of it, or why nothing was done.

    Raises
    ------
    OperationalError
        If the database fails; the job is rescued later, as one whose worker died.
    """
    claim = take(kind, pk)
    if claim is None:
        return "another worker has it, or nothing is to be done"
    with beating(claim):
        try:
            return _work(claim, do)
        except LostClaimError:
            return "it is no longer this worker's"


def _work(claim: Claim[J], do: Callable[[Claim[J]], str]) -> str:
    try:
        return do(claim)
    except StoppedError:
        with claim.step() as row:
            row.claim = ""
            row.save()
            enqueue(row)
        return "the worker was asked to end; another goes on"
    except (LostClaimError, OperationalError, InterfaceError):
        raise
    except CheckpointError as error:
        _log.error(
            "%s %s: %s", claim.job.__name__, claim.pk, error
        )  # it names the server's folders
        return _fail(claim, "The model cannot be loaded; ask whoever runs the site.", error)
    except RoomtoneError as error:
        return _fail(claim, str(error), error)
    except Exception as error:
        _log.exception("%s %s failed", claim.job.__name__, claim.pk)
        told = f"A fault of the program ({type(error).__name__}); the worker's log has more."
        return _fail(claim, told, error)


def _fail(claim: Claim[Any], message: str, error: Exception) -> str:
    reason = getattr(error, "reason", "") or type(error).__name__
    with claim.step() as row:
        row.fail(message, reason)
        row.save()
    return f"{FAILED}: {reason}"
