"""A video, an analysis, a session and a token on a site; what `serve_site.py` runs for each one.

python benchmarks/site_data.py ACCOUNT COMMENTS

The environment says which site it is. Prints as JSON what a client needs.
"""

from __future__ import annotations

import json
import sys

import numpy as np
from corpus import SEED, Source

from roomtone.labels import SENTIMENT


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
    from roomtone_site.comments.incoming import Incoming
    from roomtone_site.comments.models import YouTubeVideo
    from roomtone_site.comments.storing import store_comments

    rng = np.random.default_rng(SEED)
    video = YouTubeVideo.objects.create(
        owner=owner, video_id="benchmark", title="Benchmark", source="import"
    )
    texts = Source(None).texts(count, rng)
    for start in range(0, count, 2000):
        rows = enumerate(texts[start : start + 2000], start)
        store_comments(video, [Incoming(str(n), text, likes=n % 50) for n, text in rows])
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


if __name__ == "__main__":
    main()
