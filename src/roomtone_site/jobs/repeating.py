"""What a worker does now and then beside its work, in threads that nothing ends early."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Event

from django.db import close_old_connections, connection

_log = logging.getLogger("roomtone_site.jobs")


def repeat(
    do: Callable[[], object], *, every: float, until: Event, first: float | None = None
) -> None:
    """Do something again and again; what fails is logged, and done the next time.

    Parameters
    ----------
    do : callable
        What to do.
    every : float
        Seconds between two times.
    until : Event
        Ends it once it is set.
    first : float, optional
        Seconds before the first time; as between two where not given.
    """
    pause = every if first is None else first
    while not until.wait(pause):
        pause = every
        try:
            close_old_connections()  # the database may have ended it, as at a restart
            do()
        except Exception as error:
            name = getattr(do, "__name__", "")
            _log.warning("%s failed (%s: %s)", name, type(error).__name__, error)
    connection.close()
