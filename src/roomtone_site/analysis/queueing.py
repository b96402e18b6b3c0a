"""Putting analyses before workers, again where a worker has died.

What is to be done stands in the rows of the analyses. A task of django-tasks is no more than a
call to look at one: a lost task is made again, and one too many does nothing.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from roomtone_site.analysis.claims import due, lease
from roomtone_site.analysis.models import Analysis, State
from roomtone_site.analysis.tasks import run_analysis

MOST_RESCUES = 5
_log = logging.getLogger("roomtone_site.analysis")


def enqueue(analysis: Analysis, *, after: datetime | None = None) -> None:
    """Call a worker, at once or at a time; in the transaction that the caller is in."""
    run_analysis.using(run_after=after).enqueue(analysis.pk)


def rescue() -> int:
    """Put analyses before workers again whose worker is gone, or whose call was lost.

    Returns
    -------
    int
        How many.
    """
    now = timezone.now()
    long_ago = now - lease()
    gone = Q(heartbeat__lt=long_ago) & ~Q(claim="")
    rescued = 0
    for analysis in Analysis.objects.filter(due(now), gone).iterator():
        rescued += _rescue(analysis, now)
    # A call that was just taken, by a worker that is about to claim its analysis, is not lost.
    called = Q(status=TaskResultStatus.READY) | Q(
        status=TaskResultStatus.RUNNING, started_at__gt=long_ago
    )
    quiet = Q(created__lt=long_ago) & (Q(heartbeat__lt=long_ago) | Q(heartbeat=None))
    for analysis in Analysis.objects.filter(due(now), quiet, claim="").iterator():
        with transaction.atomic():
            # Two that look at once would both call.
            Analysis.objects.select_for_update().get(pk=analysis.pk)
            if not _calls(analysis).filter(called).exists():
                enqueue(analysis)
                rescued += 1
    return rescued


def _rescue(analysis: Analysis, now: datetime) -> int:
    with transaction.atomic():
        mine = Analysis.objects.filter(
            pk=analysis.pk, claim=analysis.claim, heartbeat=analysis.heartbeat
        )
        if not mine.update(claim="", heartbeat=now, rescues=F("rescues") + 1):
            return 0  # it gave a sign of life, or another was first
        _calls(analysis).filter(status=TaskResultStatus.RUNNING).update(
            status=TaskResultStatus.FAILED, finished_at=now, traceback="Its worker is gone."
        )
        if analysis.rescues >= MOST_RESCUES:
            Analysis.objects.filter(pk=analysis.pk).update(
                state=State.FAILED,
                finished=now,
                message="The worker died on it time and again, so it is not tried any more. "
                "Whoever runs the site finds in its log why; memory that ran out is likely.",
            )
        else:
            _log.warning("analysis %s lost its worker and is queued again", analysis.pk)
            enqueue(analysis)
    return 1


def _calls(analysis: Analysis) -> Any:
    return DBTaskResult.objects.filter(
        task_path=run_analysis.module_path, args_kwargs={"args": [analysis.pk], "kwargs": {}}
    )
