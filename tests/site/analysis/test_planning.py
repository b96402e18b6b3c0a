from __future__ import annotations

import pytest
from django.db import connection

from roomtone_site.analysis import scoring
from roomtone_site.analysis.models import Prediction
from roomtone_site.analysis.planning import know_sizes
from roomtone_site.analysis.running import run
from roomtone_site.analysis.starting import start_analysis
from roomtone_site.comments.models import YouTubeComment, YouTubeVideo


@pytest.mark.django_db
def test_after_an_analysis_the_database_knows_how_much_there_is(
    user, version, django_assert_num_queries
):
    video = YouTubeVideo.objects.create(owner=user, video_id="x", title="x", source="import")
    YouTubeComment.objects.bulk_create(
        YouTubeComment(video=video, comment_id=str(n), text=f"lovely {n}") for n in range(321)
    )
    assert run(start_analysis(user, video).pk) == "done"
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'analysis_prediction'")
            assert cursor.fetchone() == (321,)
    else:
        with django_assert_num_queries(0):
            know_sizes()


@pytest.mark.django_db
def test_while_it_scores_the_database_looks_again_at_each_doubling(user, version, monkeypatch):
    video = YouTubeVideo.objects.create(owner=user, video_id="x", title="x", source="import")
    YouTubeComment.objects.bulk_create(
        YouTubeComment(video=video, comment_id=str(n), text=f"lovely {n}") for n in range(321)
    )
    seen = []
    monkeypatch.setattr(scoring, "BATCH", 10)
    monkeypatch.setattr(scoring, "know_sizes", lambda: seen.append(Prediction.objects.count()))
    assert run(start_analysis(user, video).pk) == "done"
    assert seen == [10, 30, 70, 150, 310]
