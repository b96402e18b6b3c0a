"""Putting jobs before workers, again where a worker has died.

What is to be done stands in the rows of the jobs. A task of django-tasks is no more than a call
to look at one: a lost task is made again, and one too many does nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from roomtone_site.jobs.claims import lease
from roomtone_site.jobs.job import Job

MOST_RESCUES = 5
GIVEN_UP = (
    "The worker died on it time and again, so it is not tried any more. Whoever runs the site "
    "finds in its log why; memory that ran out is likely."
)
_log = logging.getLogger("roomtone_site.jobs")


def enqueue(job: Job, *, after: datetime | None = None) -> None:
    """Call a worker, at once or at a time; in the transaction that the caller is in."""
    import_string(job.task).using(run_after=after).enqueue(job.pk)


def give_up(job: Job, message: str = "You gave it up.") -> None:
    """Let a job that is under way come to nothing more, whatever its worker is at."""
    kind = type(job)
    with transaction.atomic():
        rows = kind._default_manager.select_for_update().filter(kind.due(timezone.now()))
        row = rows.filter(pk=job.pk).first()
        if row is not None:
            row.fail(message, "givenUp")
            row.save()


def rescue() -> int:
    """Put jobs before workers again whose worker is gone, or whose call was lost.

    Returns
    -------
    int
        How many.
    """
    return sum(_rescue_all(kind, timezone.now()) for kind in _kinds())


def _kinds() -> Iterator[type[Job]]:
    yield from (model for model in apps.get_models() if issubclass(model, Job))


def _rescue_all(kind: type[Job], now: datetime) -> int:
    rows, long_ago, rescued = kind._default_manager, now - lease(), 0
    gone = Q(heartbeat__lt=long_ago) & ~Q(claim="")
    for job in rows.filter(kind.due(now), gone).iterator():
        rescued += _rescue(job, now)
    # A call that was just taken, by a worker that is about to claim its job, is not lost.
    called = Q(status=TaskResultStatus.READY) | Q(
        status=TaskResultStatus.RUNNING, started_at__gt=long_ago
    )
    quiet = Q(created__lt=long_ago) & (Q(heartbeat__lt=long_ago) | Q(heartbeat=None))
    for job in rows.filter(kind.due(now), quiet, claim="").iterator():
        with transaction.atomic():
            # Two that look at once would both call.
            there = rows.select_for_update().filter(pk=job.pk).first()
            if there is not None and not _calls(job).filter(called).exists():
                enqueue(job)
                rescued += 1
    return rescued


def _rescue(job: Job, now: datetime) -> int:
    rows = type(job)._default_manager
    with transaction.atomic():
        mine = rows.filter(pk=job.pk, claim=job.claim, heartbeat=job.heartbeat)
        if not mine.update(claim="", heartbeat=now, rescues=F("rescues") + 1):
            return 0  # it gave a sign of life, or another was first
        _calls(job).filter(status=TaskResultStatus.RUNNING).update(
            status=TaskResultStatus.FAILED, finished_at=now, traceback="Its worker is gone."
        )
        row = rows.get(pk=job.pk)
        if row.rescues > MOST_RESCUES:
            row.fail(GIVEN_UP, "workerDied")
            row.save()
        else:
            _log.warning("%s %s lost its worker and is queued again", type(row).__name__, row.pk)
            enqueue(row)
    return 1


def _calls(job: Job) -> Any:
    return DBTaskResult.objects.filter(
        task_path=job.task, args_kwargs={"args": [job.pk], "kwargs": {}}
    )
