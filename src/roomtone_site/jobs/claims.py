"""Which run of a worker a job belongs to, so that no two ever write for the same one.

A claim is a random mark in the job's row. Every step of the work is a transaction that begins by
looking whether the mark is still there: a worker that was taken for dead, and was only asleep,
finds another mark and writes nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from threading import Event, Thread
from typing import Any, Generic, TypeVar

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Coalesce
from django.utils import timezone

from roomtone_site.jobs.job import Job
from roomtone_site.jobs.repeating import repeat

J = TypeVar("J", bound=Job)


def lease() -> timedelta:
    """Tell how long a worker may give no sign of life before it is taken for dead."""
    return timedelta(seconds=settings.WORKER_LEASE)


class LostClaimError(Exception):
    """The job was given to another worker, was given up, or is gone."""


@dataclass(frozen=True)
class Claim(Generic[J]):
    """The right to work on a job.

    Attributes
    ----------
    job : type of Job
        What kind it is of.
    pk : int
        Which it is.
    token : str
        What its row has as its claim.
    """

    job: type[J]
    pk: int
    token: str

    @contextmanager
    def step(self) -> Iterator[J]:
        """Do something in one transaction, and nothing of it if the claim is lost.

        Yields
        ------
        Job
            Its row, locked.

        Raises
        ------
        LostClaimError
            If it is no longer this worker's.
        """
        with transaction.atomic():
            rows: Any = self.job._default_manager.select_for_update(of=("self",))
            found = rows.select_related(*self.job.related).filter(pk=self.pk, claim=self.token)
            row: J | None = found.first()
            if row is None:
                raise LostClaimError(f"{self.job.__name__} {self.pk}")
            row.heartbeat = timezone.now()
            yield row


def take(job: type[J], pk: int) -> Claim[J] | None:
    """Claim a job; None where another worker has it, or nothing is to be done."""
    now, token = timezone.now(), secrets.token_hex(16)
    taken = job._default_manager.filter(job.due(now), pk=pk, claim="").update(
        claim=token, heartbeat=now, started=Coalesce("started", now)
    )
    return Claim(job, pk, token) if taken else None


@contextmanager
def beating(claim: Claim[Any]) -> Iterator[None]:
    """Give signs of life from a thread, also while a step takes long."""
    done, every = Event(), lease().total_seconds() / 6

    def give_a_sign_of_life() -> None:
        rows = claim.job._default_manager.filter(pk=claim.pk, claim=claim.token)
        rows.update(heartbeat=timezone.now())

    options = {"every": every, "until": done}
    thread = Thread(target=repeat, args=(give_a_sign_of_life,), kwargs=options, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
