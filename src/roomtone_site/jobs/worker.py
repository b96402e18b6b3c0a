"""A worker: the one of django-tasks, which also looks after jobs whose worker is gone."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable
from threading import Event, Thread
from types import FrameType
from typing import Any

from django.db import InterfaceError, OperationalError
from django_tasks import DEFAULT_TASK_BACKEND_ALIAS, DEFAULT_TASK_QUEUE_NAME
from django_tasks_db.management.commands.db_worker import Worker

from roomtone_site.jobs.claims import lease
from roomtone_site.jobs.queueing import rescue
from roomtone_site.jobs.repeating import repeat
from roomtone_site.jobs.stopping import stopping

_DAY = 24 * 3600.0
_AFTER_A_FAILURE = 2.0
_log = logging.getLogger("roomtone_site.jobs")


class SiteWorker(Worker):
    """Works until it is told to end, or with `batch` until nothing is left to do.

    Parameters
    ----------
    interval : float
        Seconds between two looks for work.
    batch : bool
        End when there is none.
    daily : callable
        What is done beside the work at the start, and once a day; not with `batch`.
    """

    def __init__(self, *, interval: float, batch: bool, daily: Callable[[], object]) -> None:
        self._daily = daily
        super().__init__(
            queue_names=[DEFAULT_TASK_QUEUE_NAME],
            interval=interval,
            batch=batch,
            backend_name=DEFAULT_TASK_BACKEND_ALIAS,
            startup_delay=False,
            max_tasks=None,
            worker_id=secrets.token_hex(16),
            excluded_queue_names=[],
        )

    def shutdown(self, signum: int, frame: FrameType | None) -> None:
        """End at the next step of the present job; at once when told so twice."""
        stopping.set()
        super().shutdown(signum, frame)

    def run(self) -> None:
        """Work, and rescue lost jobs beside it."""
        ended = Event()
        rescue()
        _beside(rescue, every=lease().total_seconds() / 4, until=ended)
        if not self.batch:
            _beside(self._daily, every=_DAY, until=ended, first=0.0)
        try:
            while not self._worked_to_the_end():
                time.sleep(_AFTER_A_FAILURE)
        finally:
            ended.set()

    def _worked_to_the_end(self) -> bool:
        try:
            super().run()
        except (OperationalError, InterfaceError) as error:
            if self.batch:
                raise
            # As while PostgreSQL is being restarted; a job that was under way is rescued.
            _log.warning("the database fails, and is tried again: %s", error)
            return False
        return True


def _beside(do: Callable[[], object], **options: Any) -> None:
    Thread(target=repeat, args=(do,), kwargs=options, daemon=True).start()
