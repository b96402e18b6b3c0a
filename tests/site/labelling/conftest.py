from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from small_model import TEXTS

from roomtone_site.comments.incoming import Incoming
from roomtone_site.comments.models import YouTubeVideo
from roomtone_site.comments.storing import store_comments
from roomtone_site.labelling.choosing import make_set


@pytest.fixture
def video(user: Any) -> Any:
    """Nine comments, scored, the model the less sure the later they come."""
    made = YouTubeVideo.objects.create(owner=user, video_id="abc", title="A song", source="sample")
    store_comments(made, [Incoming(str(n), text) for n, text in enumerate(TEXTS)])
    for n, comment in enumerate(made.comments.order_by("pk")):
        sure = 0.95 - n / 20
        made.comments.filter(pk=comment.pk).update(
            predicted=2, p_positive=sure, p_neutral=1 - sure, p_negative=0
        )
    return made


@pytest.fixture
def label_set(user: Any, video: Any) -> Any:
    """All nine, in random order."""
    return make_set(user, "a set", mode="random")


@pytest.fixture
def invited(other: Any) -> Any:
    """The browser of another account."""
    client = Client()
    client.force_login(other)
    return client
