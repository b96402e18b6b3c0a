"""What is found stays to be read, whatever fails when it is fetched, scored or filtered anew."""

from __future__ import annotations

import shutil
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from fake_youtube import KEY, FakeComment, FakeVideo, Fault, threads_of

from roomtone.errors import DataError
from roomtone.sources.youtube import YouTube
from roomtone_site.analysis import versions
from roomtone_site.analysis.again import change_filters, fetch_again, retry
from roomtone_site.analysis.models import Analysis, Prediction, Removal, State
from roomtone_site.analysis.running import run
from roomtone_site.analysis.starting import MOST_OPEN, BusyError, add_video, start_analysis
from roomtone_site.comments.models import YouTubeComment, YouTubeVideo

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _hasty_client(server, settings, monkeypatch):
    settings.YOUTUBE_API_KEY, settings.YOUTUBE_API_ENDPOINT = KEY, server.url
    monkeypatch.setattr(
        "roomtone_site.analysis.running.open_client",
        lambda: YouTube(settings.YOUTUBE_API_KEY, endpoint=server.url, attempts=1),
    )


@pytest.fixture
def on_youtube(server):
    threads = threads_of(30, replies=lambda number: 2)
    return server.add(FakeVideo("dQw4w9WgXcQ", threads=threads))


@pytest.fixture
def analysis(user, version, on_youtube):
    made = start_analysis(user, add_video(user, "dQw4w9WgXcQ"))
    assert run(made.pk) == "done"
    made.refresh_from_db()
    return made


def _page(client, analysis, name="analysis"):
    return client.get(reverse(name, args=[analysis.pk]))


def _without_model(version, settings):
    versions._loaded.clear()
    shutil.rmtree(settings.MODELS_FOLDER / version.folder)


def _down(server, times=100):
    server.faults = [Fault(503, b"busy", times=times)]


def _wait_out(analysis):
    """Let the pauses pass until it is not tried any more."""
    outcomes = []
    while not outcomes or Analysis.objects.get(pk=analysis.pk).waits:
        Analysis.objects.filter(pk=analysis.pk).update(resume_at=timezone.now())
        outcomes.append(run(analysis.pk))
    return outcomes


class TestTheOldResult:
    def test_is_readable_while_a_fetch_waits_and_after_it_failed(
        self, analysis, server, on_youtube, logged_in
    ):
        before = analysis.result["summary"]["counts"]
        fetch_again(analysis)
        _down(server)
        assert run(analysis.pk) == "partial"
        assert "It tries again at" in _page(logged_in, analysis).text
        assert _wait_out(analysis)[-1] == "partial"
        analysis.refresh_from_db()
        assert (analysis.state, analysis.resume_at) == (State.PARTIAL, None)
        assert (analysis.reason, analysis.claim) == ("backendError", "")
        assert analysis.finished is not None
        assert analysis.result["summary"]["counts"] == before
        page = _page(logged_in, analysis).text
        assert "Not up to date." in page
        assert "YouTube was asked 4 times" in page
        assert reverse("retry", args=[analysis.pk]) in page
        for name in ("comments", "removed", "export"):
            assert _page(logged_in, analysis, name).status_code == 200
        server.faults = []
        retry(analysis)
        assert run(analysis.pk) == "done"
        analysis.refresh_from_db()
        assert (analysis.message, analysis.reason) == ("", "")

    def test_includes_what_a_fetch_brought_before_it_failed(self, analysis, server, on_youtube):
        on_youtube.threads = [FakeComment("new", "I love it, lovely"), *on_youtube.threads]
        fetch_again(analysis)

        def broken_from_the_second_page_on():
            server.faults.append(Fault.reason(403, "forbidden", path="commentThreads"))
            return 20

        server.page_size = broken_from_the_second_page_on
        assert run(analysis.pk) == "partial"
        analysis.refresh_from_db()
        assert analysis.reason == "forbidden"
        assert Prediction.objects.get(comment__comment_id="new").label == 2
        found = analysis.result["summary"]
        assert sum(found["counts"]) + found["removed_comments"] == 31

    def test_stays_where_the_program_fails(self, analysis, monkeypatch, logged_in):
        def fail(*_):
            raise ZeroDivisionError

        monkeypatch.setattr("roomtone_site.analysis.running.filter_comments", fail)
        change_filters(analysis, {"spam": False})
        assert run(analysis.pk) == "failed: ZeroDivisionError"
        page = _page(logged_in, analysis)
        assert "A fault of the program (ZeroDivisionError)" in page.text
        assert _page(logged_in, analysis, "comments").status_code == 200
        monkeypatch.undo()
        change_filters(analysis, {"spam": True})
        assert run(analysis.pk) == "done"

    def test_of_a_first_fetch_that_broke_off_stays_too(
        self, user, version, server, on_youtube, logged_in
    ):
        server.units = 2
        server.page_size = lambda: 20
        made = start_analysis(user, add_video(user, "dQw4w9WgXcQ"))
        assert run(made.pk) == "partial"
        server.units = 100
        on_youtube.refusal = (403, "forbidden")
        retry(made)
        assert run(made.pk) == "partial"
        assert "does not let the comments" in _page(logged_in, made).text
        assert Prediction.objects.count() == 20


class TestChangingFilters:
    def test_needs_no_model(self, analysis, version, settings):
        _without_model(version, settings)
        change_filters(analysis, {"max_length": 1})
        assert run(analysis.pk) == "done"
        assert Removal.objects.filter(reason="length").count() == 30

    def test_keeps_the_result_where_a_model_is_needed_and_gone(
        self, analysis, version, settings, logged_in, server
    ):
        _without_model(version, settings)
        YouTubeComment.objects.create(video=analysis.video, comment_id="new", text="unscored")
        change_filters(analysis, {"spam": False})
        assert run(analysis.pk).startswith("failed: ")
        page = _page(logged_in, analysis).text
        assert "The model cannot be loaded" in page
        assert str(settings.MODELS_FOLDER) not in page
        assert _page(logged_in, analysis, "comments").status_code == 200

    def test_fetches_nothing_after_a_fetch_that_failed(self, analysis, server):
        fetch_again(analysis)
        server.faults = [Fault.reason(403, "forbidden")]
        assert run(analysis.pk) == "partial"
        asked = len(server.requests)
        change_filters(analysis, {"max_length": 1})
        assert run(analysis.pk) == "partial"
        assert len(server.requests) == asked
        analysis.refresh_from_db()
        assert analysis.reason == "forbidden"
        assert "does not let the comments" in analysis.message
        assert Removal.objects.filter(reason="length").count() == 30

    def test_is_refused_while_it_waits(self, analysis, server):
        fetch_again(analysis)
        server.units = 0
        assert run(analysis.pk) == "partial"
        analysis.refresh_from_db()
        with pytest.raises(DataError, match="goes on by itself at"):
            change_filters(analysis, {"spam": False})
        with pytest.raises(DataError, match="goes on by itself at"):
            fetch_again(analysis)


class TestHowItIsFetchedAgain:
    @pytest.fixture
    def second(self, user, version, on_youtube):
        """An analysis that only scored, after one that fetched with options of its own."""
        video = add_video(user, "dQw4w9WgXcQ")
        first = start_analysis(user, video, options={"replies": True, "limit": 50})
        assert run(first.pk) == "done"
        assert YouTubeComment.objects.count() == 50
        made = start_analysis(user, video)
        assert run(made.pk) == "done"
        return made

    def test_is_as_it_was_fetched_the_last_time(self, second):
        long_ago = timezone.now() - timedelta(days=26)
        YouTubeComment.objects.update(fetched_at=long_ago)
        fetch_again(second)
        assert run(second.pk) == "done"
        assert YouTubeComment.objects.count() == 50
        assert not YouTubeComment.objects.filter(fetched_at=long_ago).exists()

    def test_holds_for_a_new_analysis_that_says_nothing_else(self, second, user):
        options = start_analysis(user, second.video, options={"fetch": True}).options
        assert (options["replies"], options["limit"]) == (True, 50)
        Analysis.objects.exclude(pk=second.pk).update(state=State.DONE)
        given = {"fetch": True, "limit": None, "replies": False}
        options = start_analysis(user, second.video, options=given).options
        assert (options["replies"], options["limit"]) == (False, None)

    def test_is_not_as_in_an_attempt_that_brought_nothing(self, second, user, on_youtube):
        on_youtube.refusal = (403, "forbidden")
        failed = start_analysis(user, second.video, options={"fetch": True, "replies": False})
        assert run(failed.pk) == "failed: forbidden"
        fetch_again(second)
        second.refresh_from_db()
        assert second.options["replies"] is True

    def test_is_what_the_page_of_the_video_offers(self, second, logged_in):
        page = logged_in.get(reverse("video", args=[second.video.pk]))
        form = page.context["form"]
        assert [form[name].value() for name in ("replies", "order", "limit")] == [True, "time", 50]
        model = form.fields["model"].queryset.get().pk
        values = {"model": model, "fetch": "on", "order": "relevance"}
        answer = logged_in.post(reverse("analyse", args=[second.video.pk]), values)
        assert answer.status_code == 302
        newest = Analysis.objects.first()
        assert newest.options | {"fetch": True, "replies": False, "limit": None} == newest.options
        assert newest.options["order"] == "relevance"


class TestWhatIsUnderWay:
    def test_no_video_is_fetched_twice_at_once(self, user, version, on_youtube, server):
        video = add_video(user, "dQw4w9WgXcQ")
        first = start_analysis(user, video)
        with pytest.raises(BusyError, match="are being fetched, or wait to be, by its analysis of"):
            start_analysis(user, video, options={"fetch": True})
        server.units = 0
        assert run(first.pk) == "partial"
        with pytest.raises(BusyError):
            start_analysis(user, video, options={"fetch": True})
        other = start_analysis(user, video, options={"fetch": False})
        assert run(other.pk) == "done"
        with pytest.raises(BusyError):
            fetch_again(other)
        server.units = 100
        retry(first)
        assert run(first.pk) == "done"
        assert start_analysis(user, video, options={"fetch": True})

    def test_one_account_has_so_many_and_no_more(self, user, other, version):
        video = YouTubeVideo.objects.create(owner=user, video_id="v", title="v", source="import")
        made = [start_analysis(user, video) for _ in range(MOST_OPEN)]
        with pytest.raises(BusyError, match=f"{MOST_OPEN} analyses of yours are under way"):
            start_analysis(user, video)
        theirs = YouTubeVideo.objects.create(owner=other, video_id="v", title="v", source="import")
        start_analysis(other, theirs)
        assert run(made[0].pk) == "done"
        start_analysis(user, video)

    def test_the_page_says_so(self, user, version, on_youtube, logged_in):
        video = add_video(user, "dQw4w9WgXcQ")
        start_analysis(user, video)
        answer = logged_in.post(reverse("add_link"), {"link": "dQw4w9WgXcQ", "order": "time"})
        assert answer.status_code == 400
        assert "are being fetched" in answer.text
