"""A video, an analysis, a session and a token on a site; what `serve_site.py` runs for each one.

python benchmarks/site_data.py ACCOUNT COMMENTS

The environment says which site it is. Prints as JSON what a client needs.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from corpus import SEED, Source

from roomtone.labels import SENTIMENT

LOT, REPLIES = 2000, 0.3


def main() -> None:
    """Store it all, and say where it is."""
    import django

    from roomtone_site.config.local import use_local_settings

    use_local_settings()
    django.setup()
    from django.test import Client

    from roomtone_site.accounts.models import User
    from roomtone_site.api.tokens import issue

    owner = User.objects.get(username=sys.argv[1])
    client = Client()
    client.force_login(owner)
    found = {
        "analysis": stored_analysis(owner, int(sys.argv[2])),
        "session": client.cookies["sessionid"].value,
        "token": issue(owner, "benchmark")[1],
    }
    print(json.dumps(found))


def stored_analysis(owner: object, count: int) -> int:
    """Store a video with comments and what a model would say of them; return the analysis."""
    from roomtone_site.analysis.models import Analysis, Prediction

    rng = np.random.default_rng(SEED)
    video = stored_video(owner, count)
    analysis = Analysis.objects.create(
        owner=owner, video=video, engine="benchmark", state="done", done=count, total=count
    )
    shares = rng.dirichlet((1, 1, 1), count)
    Prediction.objects.bulk_create(
        (
            Prediction(
                analysis=analysis,
                comment=comment,
                label=int(row.argmax()),
                **{f"p_{name}": float(p) for name, p in zip(SENTIMENT, row, strict=True)},
            )
            for comment, row in zip(video.comments.all(), shares, strict=True)
        ),
        batch_size=2000,
    )
    return int(analysis.pk)


def stored_video(owner: object, count: int) -> Any:
    """Store a video and comments over a year: few with many likes, three in ten as replies."""
    from roomtone_site.comments.incoming import Incoming
    from roomtone_site.comments.models import YouTubeVideo
    from roomtone_site.comments.storing import store_comments

    rng = np.random.default_rng(SEED)
    video = YouTubeVideo.objects.create(
        owner=owner, video_id=f"benchmark {count}", title="Benchmark", source="import"
    )
    texts, likes = Source(None).texts(count, rng), rng.pareto(1, count).astype(int)
    hours, replies = rng.integers(0, 365 * 24, count), rng.random(count) < REPLIES
    begin = datetime(2025, 1, 1, tzinfo=UTC)
    for start in range(0, count, LOT):
        rows = [
            Incoming(
                str(n),
                texts[n],
                author=f"author {n % 9973}",
                likes=int(likes[n]),
                published=begin + timedelta(hours=int(hours[n])),
                # Threads are within a lot, and some are much longer than others.
                parent_id=str(start + int((n - start) ** 0.5))
                if replies[n] and n > start
                else None,
            )
            for n in range(start, min(start + LOT, count))
        ]
        store_comments(video, rows)
    return video


if __name__ == "__main__":
    main()
