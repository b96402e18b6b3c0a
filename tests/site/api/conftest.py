from __future__ import annotations

import json
from typing import Any

import pytest
from small_model import TEXTS

from roomtone_site.analysis.models import Analysis, Prediction
from roomtone_site.api.tokens import issue
from roomtone_site.comments.incoming import Incoming
from roomtone_site.comments.models import YouTubeVideo
from roomtone_site.comments.storing import store_comments


class Program:
    """A program that speaks to the API with a token."""

    def __init__(self, client: Any, secret: str) -> None:
        self.client, self.secret = client, secret

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api{path}", query, headers=self._headers())

    def post(self, path: str, body: Any) -> Any:
        data = body if isinstance(body, str | bytes) else json.dumps(body)
        return self.client.post(
            f"/api{path}", data, content_type="application/json", headers=self._headers()
        )

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}"}


@pytest.fixture
def program(client: Any, user: Any) -> Program:
    """A program with a token of the account."""
    return Program(client, issue(user, "a program")[1])


@pytest.fixture
def stranger(client: Any, other: Any) -> Program:
    """A program with a token of another account."""
    return Program(client, issue(other, "another program")[1])


@pytest.fixture
def analysis(user: Any, engine: Any) -> Any:
    """A finished analysis of the account, of three comments."""
    video = YouTubeVideo.objects.create(owner=user, video_id="abc", title="A song", source="sample")
    store_comments(video, [Incoming(str(n), TEXTS[3 * n]) for n in range(3)])
    found = Analysis.objects.create(owner=user, video=video, engine="small", state="done")
    for comment in video.comments.all():
        shares = engine.predict_proba([comment.text])[0]
        names = ("p_negative", "p_neutral", "p_positive")
        Prediction.objects.create(
            analysis=found,
            comment=comment,
            label=int(shares.argmax()),
            **dict(zip(names, shares.tolist(), strict=True)),
        )
    return found
