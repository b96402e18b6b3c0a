from __future__ import annotations

import pytest
from fake_youtube import FakeYouTube
from worker_processes import Gate


@pytest.fixture
def server():
    """YouTube's API on this machine, without any video yet."""
    with FakeYouTube().serving() as fake:
        yield fake


@pytest.fixture
def gate(tmp_path):
    """A function that makes a gate where no worker passes once there are so many rows of a kind."""
    return lambda kind, rows: Gate(tmp_path, f"{kind.__name__}.objects.count() >= {rows}")
