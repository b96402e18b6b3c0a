from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from fake_youtube import KEY, FakeVideo, threads_of

from roomtone.errors import DataError
from roomtone_site.analysis.models import Analysis, Prediction, State
from roomtone_site.analysis.retention import expire, refresh
from roomtone_site.analysis.running import run
from roomtone_site.analysis.starting import add_video, fetch_again, start_analysis
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
    assert Analysis.objects.get().result is None, "what was counted is counted anew"
    assert run(analysis.pk) == "counted"
    found = Analysis.objects.get().result["summary"]
    assert sum(found["counts"]) + found["removed_comments"] == 34


def test_a_refresh_that_fails_is_not_tried_every_day(analysis, on_youtube):
    _age(26)
    on_youtube.refusal = (403, "forbidden")
    refresh()
    assert run(analysis.pk) == "failed: forbidden"
    assert refresh() == 0
    _age(30)
    assert expire().videos == 1


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
