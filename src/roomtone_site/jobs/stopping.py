"""A worker that is asked to end leaves its job at the next step, for another to go on with."""

from __future__ import annotations

from threading import Event

stopping = Event()
"""Set once the process is to end."""


class StoppedError(Exception):
    """The worker is to end; what was finished is kept."""


def check() -> None:
    """Stop here where the process is to end.

    Raises
    ------
    StoppedError
        If so.
    """
    if stopping.is_set():
        raise StoppedError
