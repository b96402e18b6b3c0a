"""The real client of the API against a server on this machine that speaks it."""

from __future__ import annotations

import json
import logging
import random
import socket
from datetime import UTC, datetime
from itertools import count, cycle

import pytest
from fake_youtube import KEY, FakeComment, FakeVideo, Fault, error_body, threads_of
from hypothesis import given, settings
from hypothesis import strategies as st

from roomtone.sources import failures
from roomtone.sources.places import Place
from roomtone.sources.youtube import MOST_EMPTY, YouTube

VIDEO = "dQw4w9WgXcQ"


def _ids(batches):
    return [comment.comment_id for batch in batches for comment in batch.comments]


def _all(video, *, replies=True):
    found = []
    for thread in video.threads:
        found.append(thread.id)
        found += [reply.id for reply in thread.replies] if replies else []
    return found


def test_the_facts_of_a_video(server, client):
    server.add(FakeVideo(VIDEO, "Tom & Jerry", statistics={"commentCount": "12", "viewCount": "9"}))
    video = client.video(VIDEO)
    assert (video.video_id, video.title, video.channel) == (VIDEO, "Tom & Jerry", "Some channel")
    assert (video.comments, video.views, video.likes) == (12, 9, None)
    assert video.published == datetime(2026, 2, 28, 8, 30, tzinfo=UTC)
    assert client.used == 1


def test_a_video_that_tells_no_counts(server, client):
    server.add(FakeVideo(VIDEO, statistics={}))
    assert client.video(VIDEO).comments is None


def test_comments_are_plain_text_with_all_that_is_kept_of_them(server, client):
    reply = FakeComment("r1", "so > that", author="Bo")
    text = "a & b <3\nline two"
    server.add(FakeVideo(VIDEO, threads=[FakeComment("t1", text, likes=7, replies=[reply])]))
    (batch,) = client.comments(VIDEO, replies=True)
    top, answer = batch.comments
    assert batch.place is None
    assert (top.text, top.likes, top.parent_id) == ("a & b <3\nline two", 7, None)
    assert (answer.text, answer.parent_id, answer.author, answer.author_id) == (
        "so > that", "t1", "Bo", "UCBo",
    )  # fmt: skip
    assert top.published == datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("sizes", [[100], [1, 100, 0, 37, 2], [99]])
def test_pages_of_any_size_are_followed_to_the_end(server, client, sizes):
    video = server.add(FakeVideo(VIDEO, threads=threads_of(230)))
    server.page_size = cycle(sizes).__next__
    assert _ids(client.comments(VIDEO)) == _all(video)
    assert client.used == len(server.requests)


def test_replies_come_whole_on_request_and_not_at_all_without(server, client):
    video = server.add(
        FakeVideo(VIDEO, threads=threads_of(12, replies=lambda n: [0, 3, 5, 6, 250, 1][n % 6]))
    )
    found = _ids(client.comments(VIDEO, replies=True))
    assert sorted(found) == sorted(_all(video))
    # A page of threads, and pages of replies for the four threads with more than came along.
    assert client.used == 1 + 2 * (1 + 3)
    before = client.used
    assert _ids(client.comments(VIDEO)) == _all(video, replies=False)
    assert client.used == before + 1


def test_the_order_is_asked_for_with_every_page(server, client):
    video = server.add(FakeVideo(VIDEO, threads=threads_of(150)))
    found = _ids(client.comments(VIDEO, order="relevance"))
    assert found == [t.id for t in sorted(video.threads, key=lambda t: -t.likes)]
    assert {asked["order"] for _, asked in server.requests} == {"relevance"}


@pytest.mark.parametrize("limit", [0, 1, 100, 101, 250, 10_000])
def test_a_limit_counts_replies_and_spares_requests(server, client, limit):
    video = server.add(FakeVideo(VIDEO, threads=threads_of(120, replies=lambda n: n % 9)))
    found = _ids(client.comments(VIDEO, replies=True, limit=limit))
    assert len(found) == len(set(found)) == min(limit, len(_all(video)))
    if limit <= 100:
        assert client.used == (1 if limit else 0)


@given(
    replies=st.lists(st.integers(0, 9), max_size=12),
    sizes=st.lists(st.integers(1, 7), min_size=1, max_size=5),
    limit=st.none() | st.integers(1, 60),
)
@settings(max_examples=25)
def test_going_on_after_every_request_gives_the_same_comments(served, replies, sizes, limit):
    video = served.add(
        FakeVideo(VIDEO, threads=threads_of(len(replies), replies=replies.__getitem__))
    )
    served.page_size = cycle(sizes).__next__
    options = {"replies": True, "limit": limit}
    found, place = [], Place()
    while place is not None:  # a client of its own for each request, as after a kill
        other = YouTube(KEY, endpoint=served.url)
        saved = Place.from_text(place.to_text())
        batch = next(other.comments(VIDEO, **options, place=saved))
        found += _ids([batch])
        place = batch.place
    expected = _all(video)
    assert len(found) == len(set(found)) == min(len(expected), limit or len(expected))
    assert set(found) <= set(expected)


@pytest.fixture(scope="module")
def served():
    from fake_youtube import FakeYouTube

    pytest.importorskip("googleapiclient", reason="needs roomtone[youtube]")
    with FakeYouTube().serving() as fake:
        yield fake


def test_an_exhausted_quota_keeps_the_place(server, client):
    video = server.add(FakeVideo(VIDEO, threads=threads_of(450)))
    server.units = 2
    batches = client.comments(VIDEO)
    first, second = next(batches), next(batches)
    before = datetime.now(UTC)
    with pytest.raises(failures.QuotaExceededError) as caught:
        next(batches)
    found = _ids([first, second])
    assert len(found) == 200
    assert caught.value.resets_at > before
    assert len(server.requests) == client.used == 3, "an exhausted quota is not tried again"
    server.units = 100
    found += _ids(client.comments(VIDEO, place=second.place))
    assert found == _all(video)


@pytest.mark.parametrize(
    ("refusal", "kind"),
    [
        ((403, "commentsDisabled"), failures.CommentsDisabledError),
        ((403, "forbidden"), failures.ForbiddenError),
        ((404, "videoNotFound"), failures.VideoNotFoundError),
    ],
)
def test_what_will_not_pass_is_told_at_once(server, client, waits, refusal, kind):
    server.add(FakeVideo(VIDEO, refusal=refusal))
    with pytest.raises(kind):
        list(client.comments(VIDEO))
    assert len(server.requests) == 1
    assert waits == []


def test_a_missing_video(server, client):
    with pytest.raises(failures.VideoNotFoundError):
        client.video(VIDEO)


def test_a_wrong_key_and_none(server):
    with pytest.raises(failures.BadKeyError, match="does not accept the key"):
        YouTube("AIzaWrong", endpoint=server.url).video(VIDEO)
    with pytest.raises(failures.BadKeyError, match=r"needs a key.*can be imported"):
        YouTube("  ")


def test_a_place_that_is_no_longer_known(server, client):
    server.add(FakeVideo(VIDEO, threads=threads_of(3)))
    with pytest.raises(failures.InvalidPageTokenError):
        list(client.comments(VIDEO, place=Place("bm90IHRoaXM=")))


def test_a_thread_that_is_gone_costs_its_replies_alone(server, client):
    video = server.add(FakeVideo(VIDEO, threads=threads_of(3, replies=lambda n: 8)))
    batches = client.comments(VIDEO, replies=True)
    found = _ids([next(batches)])
    gone = video.threads.pop(1)
    found += _ids(batches)
    assert found == [
        "c000000",
        gone.id,
        "c000002",
        *(r.id for t in video.threads for r in t.replies),
    ]


@pytest.mark.parametrize(
    "fault",
    [
        Fault.reason(400, "processingFailure", times=3),
        Fault.reason(503, "backendError", times=3),
        Fault.reason(429, "rateLimitExceeded", times=3),
        Fault(502, b"<html>Bad gateway</html>", times=3),
        Fault(200, b"<html>Please log in</html>", times=3),
        Fault(200, b'{"items": [', times=3),
        Fault(200, b"\xff\xfe", times=3),
        Fault(200, b'{"items": 3}', times=3),
        Fault(200, json.dumps({"items": [{"id": "x"}] * 4}).encode(), times=3),
        Fault(403, b"<html>Not through this proxy</html>", times=3),
        Fault(hang_up=True, times=6),  # the transport beneath asks twice each time
        Fault(200, b'{"items"', headers={"Content-Length": "900", "Connection": "close"}, times=3),
    ],
    ids=lambda fault: f"{fault.status}-{fault.body[:12]!r}",
)
def test_what_may_pass_is_tried_again_with_growing_waits(server, client, waits, fault):
    video = server.add(FakeVideo(VIDEO, threads=threads_of(5)))
    server.faults.append(fault)
    assert _ids(client.comments(VIDEO)) == _all(video)
    assert len(waits) == 3
    assert all(2**n / 2 <= wait <= 2**n for n, wait in enumerate(waits))


@pytest.mark.parametrize(
    ("fault", "kind", "told"),
    [
        (Fault.reason(400, "processingFailure"), failures.ProcessingFailureError, "again and"),
        (Fault.reason(500, "backendError"), failures.UnavailableError, "status 500"),
        (Fault.reason(403, "rateLimitExceeded"), failures.RateLimitedError, "fewer requests"),
        (Fault(200, b"{"), failures.BrokenAnswerError, "no JSON"),
        (Fault(200, b"[" * 100_000), failures.BrokenAnswerError, "YouTube"),
        (
            Fault(200, json.dumps({"items": [{"id": 3}] * 4}).encode()),
            failures.BrokenAnswerError,
            r"items\.0\.id",
        ),
        (Fault(200, b"[1]"), failures.BrokenAnswerError, "the whole answer"),
        (Fault(delay=60), failures.NetworkError, "within 0.2 seconds"),
        # The rest never comes.
        (
            Fault(200, b'{"items"', headers={"Content-Length": "900"}),
            failures.NetworkError,
            "within 0.2 seconds",
        ),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_what_does_not_pass_is_told_in_the_end(server, waits, fault, kind, told):
    timeout = 0.2 if "0.2" in told else 60
    client = YouTube(KEY, endpoint=server.url, timeout=timeout, attempts=3, sleep=waits.append)
    server.add(FakeVideo(VIDEO, threads=threads_of(5)))
    fault.times = 1000
    server.faults.append(fault)
    with pytest.raises(kind, match=told) as caught:
        list(client.comments(VIDEO))
    assert len(waits) == 2
    assert caught.value.temporary


def test_a_server_that_is_not_there(waits):
    pytest.importorskip("googleapiclient", reason="needs roomtone[youtube]")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))  # and not listening
        port = listener.getsockname()[1]
        client = YouTube(KEY, endpoint=f"http://127.0.0.1:{port}/", sleep=waits.append)
        with pytest.raises(failures.NetworkError, match="cannot be reached"):
            client.video(VIDEO)
    assert len(waits) == 4
    assert client.used == 0, "what never reached YouTube costs nothing"


def test_pages_that_name_themselves_do_not_go_round_for_ever(server, client):
    items = json.dumps({"items": [], "nextPageToken": "again"}).encode()
    server.faults.append(Fault(200, items, times=1000))
    with pytest.raises(failures.BrokenAnswerError, match="without an end"):
        list(client.comments(VIDEO))
    assert client.used <= 2


def _leading_on(server, monkeypatch, path, after):
    """Let the server give the first page again and again, with the next token that is told."""
    true = server.answer

    def answer(asked_path, asked):
        token = asked.pop("pageToken", None)
        status, body = true(asked_path, asked)
        if not asked_path.endswith(path) or status != 200:
            return status, body
        return 200, json.dumps(json.loads(body) | {"nextPageToken": after(token)}).encode()

    monkeypatch.setattr(server, "answer", answer)


def test_pages_that_lead_back_do_not_go_round_for_ever(server, client, monkeypatch):
    video = server.add(FakeVideo(VIDEO, threads=threads_of(3)))
    _leading_on(server, monkeypatch, "Threads", {None: "A", "A": "B", "B": "C", "C": "A"}.get)
    batches = client.comments(VIDEO)
    assert _ids([next(batches)]) == _all(video)
    with pytest.raises(failures.BrokenAnswerError, match="without an end"):
        list(batches)
    assert client.used == 4


def test_pages_without_comments_do_not_go_on_for_ever(server, client, monkeypatch):
    server.add(FakeVideo(VIDEO))
    tokens = map(str, count())
    _leading_on(server, monkeypatch, "Threads", lambda token: next(tokens))
    with pytest.raises(failures.BrokenAnswerError, match="without an end"):
        list(client.comments(VIDEO))
    assert client.used == MOST_EMPTY + 1


def test_replies_that_lead_back_cost_their_thread_alone(server, client, monkeypatch):
    video = server.add(FakeVideo(VIDEO, threads=threads_of(3, replies=lambda n: 8)))
    _leading_on(server, monkeypatch, "comments", {None: "A", "A": "B", "B": "A"}.get)
    assert set(_ids(client.comments(VIDEO, replies=True))) == set(_all(video))
    assert client.used == 1 + 3 * 3


def test_the_key_is_in_no_error_and_no_log(server, client, caplog):
    caplog.set_level(logging.DEBUG)
    server.faults.append(Fault(418, error_body(418, "odd", f"key={KEY}"), times=1))
    with pytest.raises(failures.YouTubeError) as caught:
        client.video(VIDEO)
    server.add(FakeVideo(VIDEO, refusal=(403, "forbidden")))
    with pytest.raises(failures.ForbiddenError):
        list(client.comments(VIDEO))
    assert KEY not in f"{caught.value}{caught.value.__cause__}{caplog.text}"


def test_waiting_differs_between_clients(server, waits):
    # Clients that failed together would else come back together.
    random.seed(1)
    server.faults.append(Fault.reason(503, "backendError", times=8))
    for _ in range(2):
        client = YouTube(KEY, endpoint=server.url, attempts=4, sleep=waits.append)
        with pytest.raises(failures.UnavailableError):
            client.video(VIDEO)
    assert waits[:3] != waits[3:]
