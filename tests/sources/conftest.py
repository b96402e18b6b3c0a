from __future__ import annotations

import pytest
from fake_youtube import KEY, FakeYouTube

from roomtone.sources.youtube import YouTube


@pytest.fixture
def server():
    """The API on this machine, without any video yet."""
    with FakeYouTube().serving() as fake:
        yield fake


@pytest.fixture
def waits() -> list[float]:
    """How long the client would have waited between attempts."""
    return []


@pytest.fixture
def client(server, waits):
    """The real client, which asks that server."""
    pytest.importorskip("googleapiclient", reason="needs roomtone[youtube]")
    return YouTube(KEY, endpoint=server.url, timeout=60, sleep=waits.append)
