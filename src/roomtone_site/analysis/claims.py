"""Which run of a worker an analysis belongs to, so that no two ever write for the same one.

A claim is a random mark in the analysis's row. Every step of the work is a transaction that
begins by looking whether the mark is still there: a worker that was taken for dead, and was only
asleep, finds another mark and writes nothing.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event, Thread

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from roomtone_site.analysis.models import Analysis, State

ACTIVE = (State.QUEUED, State.FETCHING, State.SCORING)
_log = logging.getLogger("roomtone_site.analysis")


def lease() -> timedelta:
    """Tell how long a worker may give no sign of life before it is taken for dead."""
    return timedelta(seconds=settings.WORKER_LEASE)


class LostClaimError(Exception):
    """The analysis was given to another worker, or is gone."""


@dataclass(frozen=True)
class Claim:
    """The right to work on an analysis.

    Attributes
    ----------
    pk : int
        The analysis.
    token : str
        What its row has as its claim.
    """

    pk: int
    token: str

    @contextmanager
    def step(self) -> Iterator[Analysis]:
        """Do something in one transaction, and nothing of it if the claim is lost.

        Yields
        ------
        Analysis
            Its row, locked.

        Raises
        ------
        LostClaimError
            If it is no longer this worker's.
        """
        with transaction.atomic():
            rows = Analysis.objects.select_for_update(of=("self",)).select_related("video", "owner")
            row = rows.filter(pk=self.pk, claim=self.token).first()
            if row is None:
                raise LostClaimError(f"analysis {self.pk}")
            row.heartbeat = timezone.now()
            yield row


def due(now: datetime) -> Q:
    """Say which analyses there is something to do for."""
    return Q(state__in=ACTIVE) | Q(state=State.PARTIAL, resume_at__lte=now)


def take(pk: int) -> Claim | None:
    """Claim an analysis; None where another worker has it, or nothing is to be done."""
    now, token = timezone.now(), secrets.token_hex(16)
    taken = Analysis.objects.filter(due(now), pk=pk, claim="").update(
        claim=token, heartbeat=now, started=Coalesce("started", now)
    )
    return Claim(pk, token) if taken else None


@contextmanager
def beating(claim: Claim) -> Iterator[None]:
    """Give signs of life from a thread, also while a step takes long."""
    done, every = Event(), lease().total_seconds() / 6

    def beat() -> None:
        while not done.wait(every):
            try:
                rows = Analysis.objects.filter(pk=claim.pk, claim=claim.token)
                rows.update(heartbeat=timezone.now())
            except DatabaseError as error:
                _log.warning("no sign of life could be given: %s", error)
        connection.close()

    thread = Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
