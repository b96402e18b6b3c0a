"""Analyses from start to end, in this process, with the real client and a real model."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from fake_youtube import KEY, FakeComment, FakeVideo, Fault, threads_of

from roomtone.errors import DataError
from roomtone.sources.places import Place
from roomtone.sources.youtube import YouTube
from roomtone_site.analysis import scoring
from roomtone_site.analysis.again import retry
from roomtone_site.analysis.models import Analysis, Prediction, State
from roomtone_site.analysis.running import run
from roomtone_site.analysis.starting import add_video, start_analysis
from roomtone_site.analysis.versions import NoModelError, load_version
from roomtone_site.comments.importing import import_comments
from roomtone_site.comments.models import YouTubeComment, YouTubeVideo
from roomtone_site.jobs import claims
from roomtone_site.jobs.claims import LostClaimError, take
from roomtone_site.jobs.queueing import MOST_RESCUES, rescue
from roomtone_site.jobs.stopping import stopping

pytestmark = pytest.mark.django_db
LINK = "https://youtu.be/dQw4w9WgXcQ"


@pytest.fixture(autouse=True)
def _youtube(server, settings):
    settings.YOUTUBE_API_KEY, settings.YOUTUBE_API_ENDPOINT = KEY, server.url


@pytest.fixture
def video(user):
    return add_video(user, LINK)


@pytest.fixture
def on_youtube(server):
    return server.add(FakeVideo("dQw4w9WgXcQ", threads=threads_of(250)))


def _tasks(status="READY"):
    return DBTaskResult.objects.filter(status=status)


def test_a_video_is_fetched_and_scored(user, video, version, on_youtube, server):
    on_youtube.statistics["commentCount"] = "250"
    on_youtube.threads[0].text = "I love it, lovely"
    on_youtube.threads[1].text = "awful, I hate it"
    analysis = start_analysis(user, video, options={"replies": True})
    assert _tasks().count() == 1
    assert run(analysis.pk) == "done"
    analysis.refresh_from_db()
    assert (analysis.state, analysis.done, analysis.total) == (State.DONE, 250, 250)
    assert (analysis.claim, analysis.message) == ("", "")
    assert analysis.quota_used == len(server.requests) == 4
    assert analysis.started <= analysis.finished
    video.refresh_from_db()
    assert (video.title, video.channel, video.comment_count) == ("A film", "Some channel", 250)
    loved, hated = YouTubeComment.objects.order_by("pk")[:2]
    assert (loved.predicted, hated.predicted) == (2, 0)
    assert loved.engine_version == version.digest
    assert loved.fetched_at is not None
    made = Prediction.objects.get(comment=loved)
    expected = load_version(version).predict_proba([loved.text])[0]
    assert [made.p_negative, made.p_neutral, made.p_positive] == pytest.approx(list(expected))
    assert "author" not in loved.author
    assert run(analysis.pk).startswith("another worker has it"), "one task too many does nothing"


def test_replies_know_what_they_reply_to(user, video, version, server):
    replies = [FakeComment(f"r{n}", f"reply {n}") for n in range(8)]
    server.add(FakeVideo("dQw4w9WgXcQ", threads=[FakeComment("top", "hello", replies=replies)]))
    run(start_analysis(user, video, options={"replies": True}).pk)
    top = YouTubeComment.objects.get(comment_id="top")
    assert top.replies.count() == 8


def test_a_limit_is_kept_to(user, video, version, on_youtube):
    analysis = start_analysis(user, video, options={"limit": 120, "order": "relevance"})
    run(analysis.pk)
    assert YouTubeComment.objects.count() == 120
    assert YouTubeComment.objects.order_by("likes")[0].likes >= 50


def test_an_exhausted_quota_is_waited_for_and_what_is_there_is_scored(
    user, video, version, on_youtube, server
):
    server.units = 2  # the facts and one page
    analysis = start_analysis(user, video)
    assert run(analysis.pk) == "partial"
    analysis.refresh_from_db()
    assert Prediction.objects.count() == 100
    assert "go on from there" in analysis.message
    assert timedelta(0) < analysis.resume_at - timezone.now() <= timedelta(hours=25)
    assert DBTaskResult.objects.filter(run_after=analysis.resume_at).count() == 1
    assert run(analysis.pk).startswith("another worker has it"), "it is not tried before"
    server.units, asked = 100, len(server.requests)
    Analysis.objects.update(resume_at=timezone.now())  # the next day
    assert run(analysis.pk) == "done"
    assert len(server.requests) - asked == 2, "what was fetched is not fetched again"
    assert YouTubeComment.objects.count() == Prediction.objects.count() == 250
    analysis.refresh_from_db()
    assert (analysis.message, analysis.resume_at) == ("", None)
    assert analysis.quota_used == len(server.requests)


def test_a_quota_without_anything_left_at_all(user, video, version, on_youtube, server):
    server.units = 0
    analysis = start_analysis(user, video)
    assert run(analysis.pk) == "partial"
    server.units = 100
    retry(Analysis.objects.get())
    assert run(analysis.pk) == "done"
    assert Prediction.objects.count() == 250


@pytest.mark.parametrize(
    ("refusal", "told"),
    [
        ((403, "commentsDisabled"), "Comments are turned off"),
        ((403, "forbidden"), "does not let the comments of this video be read"),
        ((404, "videoNotFound"), "There is no such video"),
    ],
)
def test_what_youtube_refuses_is_told(user, video, version, on_youtube, refusal, told):
    on_youtube.refusal = refusal
    analysis = start_analysis(user, video)
    assert run(analysis.pk) == f"failed: {refusal[1]}"
    analysis.refresh_from_db()
    assert analysis.state == State.FAILED
    assert told in analysis.message
    assert analysis.result == {"reason": refusal[1]}
    assert analysis.quota_used == 2


def test_a_missing_key_is_told_with_how_to_get_one(user, video, version, settings):
    settings.YOUTUBE_API_KEY = ""
    analysis = start_analysis(user, video)
    assert run(analysis.pk) == "failed: badKey"
    analysis.refresh_from_db()
    assert "create an API key" in analysis.message


@pytest.fixture
def hasty(monkeypatch, server):
    """Let a client give up after its first attempt at a request."""

    def client():
        return YouTube(KEY, endpoint=server.url, attempts=1, timeout=2)

    monkeypatch.setattr("roomtone_site.analysis.running.open_client", client)


def _fail_from_the_second_page(server, **fault):
    def page_size():
        server.faults.append(Fault(path="commentThreads", times=100, **fault))
        return 100

    server.page_size = page_size


def _recovered(server):
    server.faults.clear()
    server.page_size = lambda: 100


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ({"status": 503, "body": b"busy"}, "a fault of its own (status 503)"),
        ({"hang_up": True}, "YouTube cannot be reached"),
        ({"delay": 4}, "did not answer within"),
    ],
)
def test_a_failure_that_passes_is_waited_out_and_it_goes_on_from_where_it_was(
    user, video, version, on_youtube, server, hasty, fault, told
):
    _fail_from_the_second_page(server, **fault)
    analysis = start_analysis(user, video)
    assert run(analysis.pk) == "partial"
    analysis.refresh_from_db()
    assert told in analysis.message
    assert YouTubeComment.objects.count() == Prediction.objects.count() == 100
    assert DBTaskResult.objects.filter(run_after=analysis.resume_at).count() == 1
    assert run(analysis.pk).startswith("another worker has it"), "it is not tried before"
    _recovered(server)
    asked = len(server.requests)
    Analysis.objects.update(resume_at=timezone.now())  # a minute later
    assert run(analysis.pk) == "done"
    assert len(server.requests) - asked == 2
    analysis.refresh_from_db()
    assert (analysis.message, analysis.tries, analysis.resume_at) == ("", 0, None)
    assert Prediction.objects.count() == 250


def test_the_pauses_grow_until_it_stops_and_what_there_is_stays(
    user, video, version, on_youtube, server, hasty
):
    _fail_from_the_second_page(server, status=503)
    analysis = start_analysis(user, video)
    for minutes in (1, 5, 30):
        before = timezone.now()
        assert run(analysis.pk) == "partial"
        analysis.refresh_from_db()
        pause = timedelta(minutes=minutes)
        assert before + pause <= analysis.resume_at <= timezone.now() + pause
        Analysis.objects.update(resume_at=timezone.now())
    assert run(analysis.pk) == "partial"
    analysis.refresh_from_db()
    assert (analysis.resume_at, analysis.reason) == (None, "backendError")
    assert analysis.message.startswith("YouTube was asked 4 times in 36 minutes, in vain")
    assert YouTubeComment.objects.count() == 100
    asked = len(server.requests)
    _recovered(server)
    retry(analysis)
    assert run(analysis.pk) == "done"
    assert len(server.requests) - asked == 2
    assert Prediction.objects.count() == 250


def test_a_page_that_came_in_between_makes_the_next_pause_the_shortest(
    user, video, version, on_youtube, server, hasty
):
    _fail_from_the_second_page(server, status=503)
    analysis = start_analysis(user, video)
    run(analysis.pk)
    server.faults.clear()  # one page comes, and the next does not
    retry(analysis)
    Analysis.objects.update(tries=2)
    assert run(analysis.pk) == "partial"
    assert Analysis.objects.get().tries == 1
    assert YouTubeComment.objects.count() == 200


def test_a_place_that_youtube_forgot_begins_again_and_doubles_nothing(
    user, video, version, on_youtube, server
):
    server.units = 2
    analysis = start_analysis(user, video)
    run(analysis.pk)
    server.units = 100
    forgotten = Place("bm9wZQ==", fetched=100).to_text()
    Analysis.objects.update(resume_at=timezone.now(), page_token=forgotten)
    assert run(analysis.pk) == "done"
    assert YouTubeComment.objects.count() == Prediction.objects.count() == 250


def test_a_video_without_comments(user, video, version, server):
    server.add(FakeVideo("dQw4w9WgXcQ"))
    assert run(start_analysis(user, video).pk) == "done"


def test_an_imported_video_is_scored_and_never_fetched(user, version, server):
    video = YouTubeVideo.objects.create(owner=user, video_id="x", title="x", source="import")
    YouTubeComment.objects.create(video=video, comment_id="1", text="lovely")
    assert run(start_analysis(user, video).pk) == "done"
    assert server.requests == []
    with pytest.raises(DataError, match="come from imported file"):
        start_analysis(user, video, options={"fetch": True})


def test_a_second_analysis_scores_what_the_first_fetched(user, video, version, on_youtube, server):
    run(start_analysis(user, video).pk)
    asked = len(server.requests)
    assert run(start_analysis(user, video).pk) == "done"
    assert len(server.requests) == asked
    assert Prediction.objects.count() == 500


def test_options_are_checked_all_at_once(user, video, version):
    wrong = {"limt": 3, "order": "best", "limit": 0, "languages": ["English"]}
    with pytest.raises(DataError) as caught:
        start_analysis(user, video, options=wrong)
    for part in ("did you mean 'limit'", "order: ", "limit: ", "languages.0: "):
        assert part in str(caught.value)
    with pytest.raises(DataError, match="leaves no comment"):
        start_analysis(user, video, options={"min_length": 9, "max_length": 3})
    assert not Analysis.objects.exists()


def test_videos_and_models_of_others_are_out_of_reach(user, other, video, version, models_folder):
    with pytest.raises(DataError, match="another account's"):
        start_analysis(other, video)
    version.owner = other
    version.save()
    with pytest.raises(DataError, match="another account's"):
        start_analysis(user, video, version=version)
    with pytest.raises(NoModelError):
        start_analysis(user, video)


def test_a_model_that_is_gone_is_told(user, video, version):
    analysis = start_analysis(user, video)
    version.delete()
    assert run(analysis.pk) == "failed: NoModelError"


def test_a_fault_of_the_program_is_logged_and_tells_no_secrets(
    user, video, version, on_youtube, monkeypatch, caplog
):
    def fail(*args):
        raise ZeroDivisionError("internal detail")

    monkeypatch.setattr("roomtone_site.analysis.running.score", fail)
    analysis = start_analysis(user, video)
    assert run(analysis.pk) == "failed: ZeroDivisionError"
    analysis.refresh_from_db()
    assert "internal detail" not in analysis.message
    assert "internal detail" in caplog.text
    assert KEY not in caplog.text


def test_an_analysis_is_claimed_once(user, video, version):
    analysis = start_analysis(user, video)
    claim = take(Analysis, analysis.pk)
    assert claim is not None
    assert take(Analysis, analysis.pk) is None
    Analysis.objects.update(claim="another")
    with pytest.raises(LostClaimError), claim.step():
        pass


def test_a_worker_that_lost_its_claim_writes_nothing_more(
    user, video, version, on_youtube, monkeypatch
):
    run(start_analysis(user, video).pk)
    real, lots = scoring._unscored, []

    def unscored(row, after):
        lots.append(after)
        if len(lots) == 2:  # taken for dead after its first lot
            Analysis.objects.filter(pk=row.pk).update(claim="another")
        return real(row, after)

    monkeypatch.setattr(scoring, "BATCH", 100)
    monkeypatch.setattr(scoring, "_unscored", unscored)
    analysis = start_analysis(user, video)
    assert run(analysis.pk) == "it is no longer this worker's"
    assert Prediction.objects.filter(analysis=analysis).count() == 100
    analysis.refresh_from_db()
    assert (analysis.claim, analysis.state, analysis.done) == ("another", State.SCORING, 100)


def test_a_worker_that_is_to_end_leaves_the_rest_to_another(
    user, video, version, on_youtube, server, monkeypatch
):
    analysis = start_analysis(user, video)
    stopping.set()
    try:
        assert "asked to end" in run(analysis.pk)
    finally:
        stopping.clear()
    assert YouTubeComment.objects.count() == 100
    assert Analysis.objects.get().claim == ""
    assert _tasks().count() == 2
    assert run(analysis.pk) == "done"
    assert len(server.requests) == 4


def test_lost_analyses_are_queued_again_and_living_ones_left_alone(user, video, version):
    dead, alive = (start_analysis(user, video, options={"fetch": each}) for each in (True, False))
    claim = take(Analysis, dead.pk)
    take(Analysis, alive.pk)
    DBTaskResult.objects.filter(args_kwargs__args=[dead.pk]).update(status="RUNNING")
    long_ago = timezone.now() - claims.lease() * 2
    Analysis.objects.filter(pk=dead.pk).update(heartbeat=long_ago)
    assert rescue() == 1
    assert rescue() == 0
    assert _tasks("FAILED").count() == 1
    assert _tasks().filter(args_kwargs__args=[dead.pk]).count() == 1
    with pytest.raises(LostClaimError), claim.step():
        pass
    assert take(Analysis, dead.pk) is not None
    assert take(Analysis, alive.pk) is None


def test_a_call_that_was_lost_is_made_again(user, video, version):
    analysis = start_analysis(user, video)
    DBTaskResult.objects.all().delete()
    assert rescue() == 0, "not at once: the worker may just be about to claim it"
    Analysis.objects.update(created=timezone.now() - claims.lease() * 2)
    assert rescue() == 1
    assert rescue() == 0
    assert run(analysis.pk) != ""


def test_what_kills_every_worker_is_given_up(user, video, version):
    start_analysis(user, video)
    long_ago = timezone.now() - claims.lease() * 2
    for _ in range(MOST_RESCUES + 1):
        Analysis.objects.update(claim="gone", heartbeat=long_ago)
        rescue()
    analysis = Analysis.objects.get()
    assert analysis.state == State.FAILED
    assert "died on it time and again" in analysis.message
    retry(analysis)
    assert Analysis.objects.get().state == State.QUEUED


def test_what_is_under_way_cannot_be_tried_again(user, video, version):
    with pytest.raises(DataError, match="this analysis is queued; expected it to be failed"):
        retry(start_analysis(user, video))


def test_a_call_that_a_worker_has_just_taken_is_not_made_again(user, video, version):
    start_analysis(user, video)
    Analysis.objects.update(created=timezone.now() - claims.lease() * 2)
    DBTaskResult.objects.update(status="RUNNING", started_at=timezone.now())
    assert rescue() == 0
    DBTaskResult.objects.update(started_at=timezone.now() - claims.lease() * 2)
    assert rescue() == 1


def test_a_video_that_came_from_a_file_can_be_fetched_afterwards(user, version, server):
    server.add(FakeVideo("dQw4w9WgXcQ", threads=threads_of(3)))
    own = YouTubeVideo.objects.create(
        owner=user, video_id="dQw4w9WgXcQ", title="x", source="import", fetched_at=timezone.now()
    )
    own.comments.create(comment_id="1", text="lovely", sentiment=2)
    video = add_video(user, "https://youtu.be/dQw4w9WgXcQ")
    assert video == own
    assert run(start_analysis(user, video).pk) == "done"
    assert video.comments.count() == 4
    assert video.comments.get(comment_id="1").fetched_at is None


@pytest.mark.parametrize("count", ["99999999999", "-5"])
def test_counts_that_no_column_holds_end_no_fetch(user, version, server, count):
    server.add(FakeVideo("dQw4w9WgXcQ", threads=threads_of(3), statistics={"commentCount": count}))
    video = add_video(user, "dQw4w9WgXcQ")
    assert run(start_analysis(user, video).pk) == "done"
    video.refresh_from_db()
    assert video.comment_count in (None, 2**31 - 1)


def test_no_analysis_speaks_of_a_text_that_has_changed(user, video, version, on_youtube, tmp_path):
    first, second = on_youtube.threads[:2]
    before = start_analysis(user, video)
    assert run(before.pk) == "done"
    first.text = "awful, I hate it"
    after = start_analysis(user, video, options={"fetch": True})
    assert run(after.pk) == "done"
    said = Prediction.objects.filter(comment__comment_id=first.id)
    assert list(said.values_list("analysis", flat=True)) == [after.pk]
    before.refresh_from_db()
    assert before.uncounted == 1
    assert run(before.pk) == "counted"
    path = tmp_path / "own.csv"
    path.write_text(f"comment_id,text,label\n{second.id},lovely,positive\n")
    import_comments(user, path, video_id=video.video_id)
    own = YouTubeComment.objects.get(comment_id=second.id)
    assert (own.text, own.sentiment, own.fetched_at) == ("lovely", 2, None)
    assert not own.predictions.exists()
