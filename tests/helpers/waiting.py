"""Waiting for what others do, on a machine that may be slow or stand still for a while."""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Callable
from typing import Any

import pytest

LIMIT = 180.0
"""Seconds after which something that has not come does not come any more."""
# Below those that systems give to connections that go out.
_PORTS = range(20_000, 30_000)


def wait_for(reached: Callable[[], object], process: Any = None) -> None:
    """Wait until something is so; fails the test where that takes long, or the process ends."""
    end = time.monotonic() + LIMIT
    while not reached():
        if process is not None and process.poll() is not None:
            told = process.stderr.read().decode()[-2000:] if process.stderr else ""
            pytest.fail(f"the process ended by itself ({process.returncode}): {told}")
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.01)


def free_port() -> int:
    """Find a port of this machine that a server can have, also a while later."""
    drawn = random.SystemRandom()
    while True:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", drawn.choice(_PORTS)))
            except OSError:
                continue
            port: int = probe.getsockname()[1]
            return port
