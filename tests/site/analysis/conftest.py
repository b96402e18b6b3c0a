from __future__ import annotations

import pytest
from fake_youtube import FakeYouTube


@pytest.fixture
def server():
    """YouTube's API on this machine, without any video yet."""
    with FakeYouTube().serving() as fake:
        yield fake
