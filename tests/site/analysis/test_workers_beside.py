"""Real workers at an analysis while others wait, delete, or are at the same video."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from fake_youtube import KEY, FakeVideo, threads_of
from waiting import wait_for
from worker_processes import Gate, restart_the_database, running_worker, worker_environment

from roomtone_site.accounts.deleting import delete
from roomtone_site.analysis.models import Analysis, Prediction, State
from roomtone_site.analysis.retention import expire
from roomtone_site.analysis.starting import add_video, start_analysis
from roomtone_site.comments.models import YouTubeComment, YouTubeVideo

pytestmark = pytest.mark.django_db(transaction=True)
SMALL_LOTS = """
from roomtone_site.analysis import scoring
from roomtone_site.analysis.models import Prediction
from roomtone_site.comments.models import YouTubeComment
scoring.BATCH = 20
"""


@pytest.fixture
def environment(tmp_path, models_folder, server):
    return worker_environment(
        tmp_path, YOUTUBE_API_KEY=KEY, YOUTUBE_API_ENDPOINT=server.url, OMP_NUM_THREADS="1"
    )


@pytest.fixture
def analysis(user, version, server):
    """One that takes a while to fetch."""
    server.page_size = lambda: 20
    server.delay = 0.02
    server.add(FakeVideo("dQw4w9WgXcQ", threads=threads_of(600)))
    return start_analysis(user, add_video(user, "dQw4w9WgXcQ"))


def _is_done(analysis):
    return lambda: Analysis.objects.get(pk=analysis.pk).state == State.DONE


def test_a_worker_goes_on_by_itself_once_the_quota_is_renewed(analysis, environment, server):
    server.units = 3
    with running_worker(environment) as process:
        wait_for(lambda: Analysis.objects.get().state == State.PARTIAL, process)
        before, asked = Analysis.objects.get().resume_at, len(server.requests)
        calls = DBTaskResult.objects.filter(run_after=before, status="READY")
        assert calls.count() == 1
        server.units = 1000
        soon = timezone.now() + timedelta(seconds=1)
        Analysis.objects.update(resume_at=soon)
        calls.update(run_after=soon)  # the next day is in a second
        wait_for(_is_done(analysis), process)
    done = Analysis.objects.get()
    assert done.finished > soon
    assert len(server.requests) - asked == 28, "two of thirty pages had come"
    assert done.quota_used == len(server.requests)
    assert Prediction.objects.count() == YouTubeComment.objects.count() == 600
    assert done.rescues == 0


@pytest.mark.parametrize("what", [YouTubeVideo, get_user_model()])
@pytest.mark.parametrize("model", [YouTubeComment, Prediction], ids=["fetching", "scoring"])
def test_what_is_deleted_while_a_worker_is_at_it_is_gone_and_the_worker_goes_on(
    analysis, environment, server, django_user_model, what, model, gate
):
    before_the_end = gate(model, 500)
    with running_worker(environment, SMALL_LOTS + before_the_end.changes) as process:
        wait_for(lambda: model.objects.count() > 50, process)
        assert delete(what.objects.all(), owner=analysis.owner_id) == 1
        before_the_end.open()
        for kind in (YouTubeVideo, YouTubeComment, Analysis, Prediction):
            assert not kind.objects.exists()
        bob = django_user_model.objects.create_user("bob", password="battery-staple-42")
        server.add(FakeVideo("other_video", threads=threads_of(30)))
        other = start_analysis(bob, add_video(bob, "other_video"))
        wait_for(_is_done(other), process)
    assert YouTubeComment.objects.count() == Prediction.objects.count() == 30


def test_comments_that_expire_while_they_are_scored_are_in_no_result(analysis, environment, gate):
    with running_worker(environment) as process:
        wait_for(_is_done(analysis), process)
    Prediction.objects.all().delete()
    second = start_analysis(analysis.owner, analysis.video, options={"max_length": 1})
    before_the_end = gate(Prediction, 500)
    with running_worker(environment, SMALL_LOTS + before_the_end.changes) as process:
        wait_for(lambda: Prediction.objects.count() > 40, process)
        keys = list(YouTubeComment.objects.order_by("pk").values_list("pk", flat=True))
        YouTubeComment.objects.filter(pk__in=keys[::6]).update(
            fetched_at=timezone.now() - timedelta(days=31)
        )
        assert expire().comments == 100
        before_the_end.open()
        rows = Analysis.objects.filter(state=State.DONE, uncounted=0)
        wait_for(lambda: rows.count() == 2, process)
    assert YouTubeComment.objects.count() == 500
    assert Prediction.objects.filter(analysis=second).count() == 500
    second.refresh_from_db()
    assert second.rescues == 0
    assert second.result["summary"]["removed_comments"] == 500


def test_two_analyses_of_one_video_at_once_do_not_disturb_each_other(
    analysis, environment, user, server, tmp_path
):
    gate = Gate(tmp_path, "Prediction.objects.count() > 600")
    changes = SMALL_LOTS + gate.changes
    with running_worker(environment, changes) as one, running_worker(environment, changes):
        wait_for(_is_done(analysis), one)
        asked = len(server.requests)
        others = [start_analysis(user, analysis.video, options={"spam": n > 0}) for n in range(2)]
        claimed = Analysis.objects.exclude(claim="")
        wait_for(lambda: claimed.count() == 2, one)
        gate.open()  # both are begun
        wait_for(lambda: all(_is_done(other)() for other in others), one)
    assert len(server.requests) == asked
    for other in others:
        assert Prediction.objects.filter(analysis=other).count() == 600
    assert not Analysis.objects.exclude(rescues=0).exists()
    assert not DBTaskResult.objects.filter(status="FAILED").exists()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no server that restarts")
def test_a_worker_outlives_a_restart_of_the_database(analysis, environment, server):
    # It is taken for dead after a while, also by itself.
    with running_worker(environment | {"ROOMTONE_SITE_LEASE": "4"}, SMALL_LOTS) as process:
        for model in (YouTubeComment, Prediction):
            wait_for(lambda model=model: model.objects.count() > 50, process)
            restart_the_database()
        wait_for(_is_done(analysis), process)
    assert YouTubeComment.objects.count() == Prediction.objects.count() == 600
    assert Analysis.objects.get().message == ""
