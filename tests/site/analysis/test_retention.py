from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from fake_youtube import KEY, FakeVideo, Fault, threads_of

from roomtone.errors import DataError
from roomtone.sources.youtube import YouTube
from roomtone_site.analysis.again import fetch_again
from roomtone_site.analysis.models import Analysis, Prediction, State
from roomtone_site.analysis.retention import expire, refresh
from roomtone_site.analysis.running import run
from roomtone_site.analysis.starting import add_video, start_analysis
from roomtone_site.analysis.summary import summarise, summary_of
from roomtone_site.comments.models import YouTubeComment, YouTubeVideo
from roomtone_site.labelling.models import Label, LabelSet

pytestmark = pytest.mark.django_db


@pytest.fixture
def on_youtube(server, settings):
    settings.YOUTUBE_API_KEY, settings.YOUTUBE_API_ENDPOINT = KEY, server.url
    return server.add(FakeVideo("dQw4w9WgXcQ", threads=threads_of(30)))


@pytest.fixture
def analysis(user, version, on_youtube):
    made = start_analysis(user, add_video(user, "dQw4w9WgXcQ"))
    assert run(made.pk) == "done"
    return made


def _age(days):
    then = timezone.now() - timedelta(days=days)
    YouTubeComment.objects.update(fetched_at=then)
    YouTubeVideo.objects.filter(source="api").update(fetched_at=then)


def test_what_is_younger_stays(analysis):
    _age(29.9)
    assert (expire().comments, expire().videos) == (0, 0)
    assert YouTubeComment.objects.count() == 30


def test_what_is_older_goes_with_all_that_hangs_on_it(analysis, user):
    chosen = LabelSet.objects.create(owner=user, name="l", video=analysis.video)
    comment = YouTubeComment.objects.first()
    Label.objects.create(label_set=chosen, comment=comment, annotator=user, value=1)
    _age(30)
    gone = expire()
    assert (gone.comments, gone.videos) == (30, 1)
    for model in (YouTubeVideo, YouTubeComment, Analysis, Prediction, Label):
        assert not model.objects.exists()


def test_imported_comments_stay_for_ever(user, version):
    video = YouTubeVideo.objects.create(
        owner=user, video_id="x", title="x", source="import", fetched_at=None
    )
    YouTubeComment.objects.create(video=video, comment_id="1", text="lovely")
    YouTubeVideo.objects.update(created=timezone.now() - timedelta(days=400))
    assert (expire().comments, expire().videos) == (0, 0)
    assert YouTubeComment.objects.exists()


def test_a_refresh_brings_all_up_to_date_and_what_is_gone_there_expires_here(analysis, on_youtube):
    _age(26)
    gone, changed = on_youtube.threads[3], on_youtube.threads[4]
    on_youtube.threads.remove(gone)
    changed.text = "awful, I hate it"
    on_youtube.threads += threads_of(5, prefix="new")
    on_youtube.title = "Another title"
    assert refresh() == 1
    assert refresh() == 0, "it is queued already"
    assert run(analysis.pk) == "done"
    assert Analysis.objects.count() == 1
    assert YouTubeVideo.objects.get().title == "Another title"
    comment = YouTubeComment.objects.get(comment_id=changed.id)
    assert (comment.text, comment.predicted) == ("awful, I hate it", 0)
    assert Prediction.objects.get(comment=comment).label == 0
    assert Prediction.objects.count() == 35
    assert refresh() == 0
    YouTubeComment.objects.filter(comment_id=gone.id).update(
        fetched_at=timezone.now() - timedelta(days=31)
    )
    assert (expire().comments, expire().videos) == (1, 0)
    assert YouTubeComment.objects.count() == 34
    assert Analysis.objects.get().result == {"summary": None}, "what was counted is counted anew"
    assert run(analysis.pk) == "counted"
    found = Analysis.objects.get().result["summary"]
    assert sum(found["counts"]) + found["removed_comments"] == 34


@pytest.mark.parametrize("reason", ["forbidden", "commentsDisabled"])
def test_a_video_that_is_closed_is_not_tried_every_day(analysis, on_youtube, reason):
    _age(26)
    on_youtube.refusal = (403, reason)
    assert refresh() == 1
    assert run(analysis.pk) == "partial"
    assert refresh() == 0
    assert YouTubeComment.objects.count() == 30
    _age(30)
    assert expire().videos == 1


@pytest.mark.parametrize(
    "fault",
    [
        Fault(503, b"x", times=100),
        Fault.reason(400, "keyInvalid", times=100),
        Fault(503, b"x", times=100, path="commentThreads"),
    ],
)
def test_what_passes_does_not_end_the_refreshing_of_a_video_and_its_labels_stay(
    analysis, server, user, fault, monkeypatch
):
    monkeypatch.setattr(
        "roomtone_site.analysis.running.open_client",
        lambda: YouTube(KEY, endpoint=server.url, attempts=1),
    )
    chosen = LabelSet.objects.create(owner=user, name="l", video=analysis.video)
    for comment in YouTubeComment.objects.all():
        Label.objects.create(label_set=chosen, comment=comment, annotator=user, value=1)
    _age(26)
    for _ in range(3):  # a day each
        assert refresh() == 1
        server.faults = [replace(fault)]
        assert run(analysis.pk) == "partial"
        while Analysis.objects.get().waits:
            Analysis.objects.update(resume_at=timezone.now())
            assert run(analysis.pk) == "partial"
        assert summary_of(Analysis.objects.get()).total > 0
        assert Label.objects.count() == 30
        assert refresh() == 0, "not before the next day"
        Analysis.objects.update(finished=timezone.now() - timedelta(hours=23))
    server.faults = []
    assert refresh() == 1
    assert run(analysis.pk) == "done"
    assert refresh() == 0
    assert expire().comments == 0
    assert Label.objects.count() == 30


def test_a_newer_analysis_that_failed_does_not_end_the_refreshing(analysis, user, version):
    newer = start_analysis(user, analysis.video)
    Analysis.objects.filter(pk=newer.pk).update(state=State.FAILED)
    _age(26)
    assert refresh() == 1
    assert Analysis.objects.get(pk=analysis.pk).state == State.QUEUED


def test_a_video_that_cannot_be_fetched_now_does_not_keep_others_from_it(
    analysis, user, server, version, monkeypatch, caplog
):
    server.add(FakeVideo("other_video", threads=threads_of(3, prefix="o")))
    second = start_analysis(user, add_video(user, "other_video"))
    assert run(second.pk) == "done"
    _age(26)

    def fetch(chosen):
        if chosen.pk == analysis.pk:
            raise DataError("a worker is at it")
        fetch_again(chosen)

    monkeypatch.setattr("roomtone_site.analysis.retention.fetch_again", fetch)
    assert refresh() == 1
    assert Analysis.objects.get(pk=second.pk).state == State.QUEUED
    assert "is not fetched again now: a worker is at it" in caplog.text


@pytest.mark.parametrize("state", [State.DONE, State.PARTIAL, State.FETCHING])
def test_no_summary_keeps_words_of_comments_that_expired(analysis, state):
    Analysis.objects.update(state=state)
    YouTubeComment.objects.filter(pk=YouTubeComment.objects.first().pk).update(
        fetched_at=timezone.now() - timedelta(days=31)
    )
    assert expire().comments == 1
    row = Analysis.objects.get()
    assert (row.result, row.uncounted) == ({"summary": None}, 1)
    assert row.state == state


def test_what_expires_while_the_first_summary_is_made_is_counted_out(
    user, version, on_youtube, monkeypatch
):
    def slowly(analysis):
        summary = summarise(analysis)
        YouTubeComment.objects.filter(pk=YouTubeComment.objects.first().pk).update(
            fetched_at=timezone.now() - timedelta(days=31)
        )
        assert expire().comments == 1
        return summary

    monkeypatch.setattr("roomtone_site.analysis.running.summarise", slowly)
    analysis = start_analysis(user, add_video(user, "dQw4w9WgXcQ"))
    assert run(analysis.pk) == "done"
    analysis.refresh_from_db()
    assert (summary_of(analysis).total, analysis.uncounted) == (30, 1)
    assert run(analysis.pk) == "counted"
    analysis.refresh_from_db()
    assert (summary_of(analysis).total, analysis.uncounted) == (29, 0)


def test_what_was_fetched_anew_while_it_was_to_expire_stays(analysis, monkeypatch):
    _age(31)
    real = YouTubeVideo.objects.select_for_update

    def meanwhile():
        YouTubeComment.objects.update(fetched_at=timezone.now())
        return real()

    monkeypatch.setattr(YouTubeVideo.objects, "select_for_update", meanwhile)
    assert expire().comments == 0
    assert YouTubeComment.objects.count() == 30


def test_facts_alone_can_be_too_old(analysis):
    YouTubeVideo.objects.update(fetched_at=timezone.now() - timedelta(days=31))
    assert (expire().comments, expire().videos) == (0, 0)
    video = YouTubeVideo.objects.get()
    assert (video.title, video.channel, video.published) == ("dQw4w9WgXcQ", "", None)


def test_the_command(analysis, capsys, settings):
    _age(26)
    call_command("retention")
    out = capsys.readouterr().out
    assert "Deleted 0 comments and 0 videos" in out
    assert "Queued 1 videos" in out
    settings.YOUTUBE_API_KEY = ""
    call_command("retention")
    assert "there is no key" in capsys.readouterr().out
    _age(31)
    call_command("retention", "--no-refresh")
    assert "Deleted 30 comments and 1 videos" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments", [["--days", "31"], ["--days", "0"], ["--refresh-after", "30"], ["--days", "9"]]
)
def test_the_command_refuses_what_the_terms_do(arguments):
    with pytest.raises(CommandError, match="expected"):
        call_command("retention", *arguments)


def test_only_what_is_done_and_youtubes_is_fetched_again(analysis, user, version):
    Analysis.objects.update(state=State.SCORING)
    with pytest.raises(DataError, match="this analysis is scoring"):
        fetch_again(analysis)
    video = YouTubeVideo.objects.create(owner=user, video_id="x", title="x", source="import")
    other = start_analysis(user, video)
    run(other.pk)
    with pytest.raises(DataError, match="come from imported file"):
        fetch_again(other)
