from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from fake_youtube import KEY, FakeVideo, threads_of
from waiting import wait_for
from worker_processes import running_worker, worker_environment

from roomtone_site.analysis.daily import daily_round
from roomtone_site.analysis.models import Analysis, State
from roomtone_site.analysis.running import run
from roomtone_site.analysis.starting import add_video, start_analysis
from roomtone_site.comments.models import YouTubeVideo


def _old_comments(user):
    video = YouTubeVideo.objects.create(owner=user, video_id="v", title="", source="api")
    then = timezone.now() - timedelta(days=31)
    for name, fetched_at in (("old", then), ("new", timezone.now()), ("imported", None)):
        video.comments.create(comment_id=name, text=name, fetched_at=fetched_at)
    return video


@pytest.mark.django_db
def test_what_youtube_sent_too_long_ago_goes(user, caplog):
    video = _old_comments(user)
    daily_round()
    daily_round()
    assert sorted(video.comments.values_list("text", flat=True)) == ["imported", "new"]
    assert caplog.text.count("deleted 1 comments and 0 videos") == 1


@pytest.mark.django_db
@pytest.mark.parametrize("key", [KEY, ""])
def test_what_would_soon_go_is_fetched_anew_where_there_is_a_key(
    user, version, server, settings, key
):
    settings.YOUTUBE_API_KEY, settings.YOUTUBE_API_ENDPOINT = KEY, server.url
    server.add(FakeVideo("dQw4w9WgXcQ", threads=threads_of(3)))
    analysis = start_analysis(user, add_video(user, "dQw4w9WgXcQ"))
    assert run(analysis.pk) == "done"
    YouTubeVideo.objects.update(fetched_at=timezone.now() - timedelta(days=26))
    settings.YOUTUBE_API_KEY = key
    daily_round()
    assert Analysis.objects.get().state == (State.QUEUED if key else State.DONE)


@pytest.mark.django_db
def test_ended_sessions_and_old_jobs_go(client, user, version):
    client.force_login(user)
    Session.objects.create(session_key="old", expire_date=timezone.now() - timedelta(days=1))
    video = YouTubeVideo.objects.create(owner=user, video_id="v", title="", source="import")
    for _ in range(2):
        start_analysis(user, video)
    old = DBTaskResult.objects.order_by("pk").first()
    DBTaskResult.objects.filter(pk=old.pk).update(
        status="SUCCESSFUL", finished_at=timezone.now() - timedelta(days=15)
    )
    daily_round()
    assert Session.objects.get().session_key == client.session.session_key
    assert not DBTaskResult.objects.filter(pk=old.pk).exists()
    assert DBTaskResult.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_worker_does_it_by_itself(user, tmp_path):
    video = _old_comments(user)
    with running_worker(worker_environment(tmp_path)) as process:
        wait_for(lambda: video.comments.count() == 2, process)
