from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from roomtone.labels import SENTIMENT

WORDS = (
    ("awful noise", "i hate this", "so boring today", "worst video ever 😡"),
    ("the second song", "who is here in may", "first part at two minutes", "from the album"),
    ("i love this", "great video 😀", "so beautiful today", "best song ever"),
)


@pytest.fixture
def analysed(user: Any) -> Callable[..., Any]:
    """A function that stores a video, its comments and an analysis of them, as a worker does."""
    from roomtone_site.analysis.models import Analysis, Prediction
    from roomtone_site.comments.models import YouTubeComment, YouTubeVideo

    def make(
        count: int = 60, *, owner: Any = None, seed: int = 1, again: Any = None, **video: Any
    ) -> Any:
        random = np.random.default_rng(seed)
        begin = datetime(2025, 3, 1, 12, tzinfo=UTC)
        if again is None:
            values = {"video_id": f"v{seed}", "title": "A song", "source": "import"} | video
            stored = YouTubeVideo.objects.create(owner=owner or user, **values)
            codes = random.choice(3, count, p=(0.2, 0.3, 0.5))
            rows = [
                YouTubeComment(
                    video=stored,
                    comment_id=str(number),
                    text=f"{random.choice(WORDS[code])} {random.choice(WORDS[code])}",
                    likes=int(random.pareto(1)),
                    published=begin + timedelta(hours=int(random.integers(0, 24 * 30))),
                )
                for number, code in enumerate(codes)
            ]
            YouTubeComment.objects.bulk_create(rows)
            comments = list(YouTubeComment.objects.filter(video=stored))
            for number in range(5, count, 3):
                comments[number].parent = comments[int(random.integers(0, min(number, 5)))]
            YouTubeComment.objects.bulk_update(comments, ["parent"])
        else:
            stored = again.video
            comments = list(YouTubeComment.objects.filter(video=stored))
            codes = random.choice(3, len(comments))
        analysis = Analysis.objects.create(
            owner=stored.owner, video=stored, engine=f"model {seed}", engine_version=f"d{seed}",
            state="done", done=count, total=count,
        )  # fmt: skip
        probs = random.dirichlet((1, 1, 1), len(comments)) + 2 * np.eye(3)[codes]
        probs /= probs.sum(axis=1, keepdims=True)
        Prediction.objects.bulk_create(
            Prediction(
                analysis=analysis,
                comment=comment,
                label=int(row.argmax()),
                **{f"p_{name}": float(p) for name, p in zip(SENTIMENT, row, strict=True)},
            )
            for comment, row in zip(comments, probs, strict=True)
        )
        return analysis

    return make
