"""Claiming a folder for one process, with a lock that ends with the process, however it ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum, auto
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows has no such locks
    fcntl = None  # type: ignore[assignment]


class Claim(Enum):
    """How claiming a folder has ended."""

    HELD = auto()
    """No other process holds it, and none can while this one does."""
    TAKEN = auto()
    """Another process holds it."""
    UNKNOWN = auto()
    """The system, or the file system, has no locks on folders."""


@contextmanager
def claim(folder: Path) -> Iterator[Claim]:
    """Lock a folder itself, so that nothing has to be written in it.

    Parameters
    ----------
    folder : Path
        An existing folder.
    """
    if fcntl is None:
        yield Claim.UNKNOWN
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        yield _lock(handle)
    finally:
        os.close(handle)


def _lock(handle: int) -> Claim:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return Claim.TAKEN
    except OSError:
        return Claim.UNKNOWN
    return Claim.HELD
