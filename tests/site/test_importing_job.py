"""Imports in real worker processes: killed at any moment, asleep, several at once."""

from __future__ import annotations

import json
import os
import random
import signal
import time

import pytest
from django.urls import reverse
from waiting import wait_for
from worker_processes import (
    Gate,
    outcomes_of_calls,
    put_to_sleep,
    running_worker,
    take_for_dead,
    worker_environment,
)

from roomtone.errors import DataError
from roomtone_site.comments import importing, uploads
from roomtone_site.comments.importing import import_comments
from roomtone_site.comments.importing_job import run
from roomtone_site.comments.models import Import, YouTubeComment, YouTubeVideo
from roomtone_site.comments.uploads import drop, receive
from roomtone_site.jobs.queueing import GIVEN_UP, MOST_RESCUES, enqueue, rescue
from roomtone_site.jobs.stopping import stopping

pytestmark = pytest.mark.django_db(transaction=True)
SMALL_BATCHES = """
from roomtone_site.comments import importing
from roomtone_site.comments.models import Import
importing.BATCH = 50
"""
LOST, TWICE = "it is no longer this worker's", "another worker has it, or nothing is to be done"
ROWS = 3000


@pytest.fixture(autouse=True)
def folder(tmp_path, settings):
    settings.UPLOADS_FOLDER = tmp_path / "uploads"
    return settings.UPLOADS_FOLDER


@pytest.fixture
def environment(tmp_path):
    return worker_environment(tmp_path)


@pytest.fixture
def gate(tmp_path):
    """A function that makes a gate where no worker passes once so many rows are read."""
    return lambda rows: Gate(tmp_path, f"Import.objects.get().rows >= {rows}")


def _content():
    """Rows without ids, some the same, replies before their threads, and rows that are none."""
    rng = random.Random(1)
    lines = []
    for n in range(ROWS):
        row = {"text": f"comment {n % 700}", "video_id": f"v{n % 3}", "likes": n % 11}
        if n % 5 == 0:
            row |= {"cid": f"c{n}"}
        if n % 5 == 1:
            row |= {"cid": f"c{n + 1004}.r{n}"}  # of a thread that comes a thousand rows later
        if n % 97 == 0:
            row |= {"text": rng.choice(["", None, 7]), "likes": "many"}
        lines.append(json.dumps(row))
    return ("\n".join(lines) + "\n").encode()


def _sent(user, content=None, name="all.jsonl"):
    return receive(user, name, [_content() if content is None else content], "")


def _stored():
    fields = ("video__video_id", "comment_id", "text", "likes", "parent__comment_id")
    return sorted(YouTubeComment.objects.values_list(*fields), key=str)


def test_a_worker_killed_at_any_moment_loses_nothing_and_doubles_nothing(
    user, django_user_model, environment, folder, tmp_path, gate
):
    found = _sent(user)
    random.seed(7)
    for many in (100, 900, 2000):
        # A kill that comes late finds it there, and not at its end.
        changes = SMALL_BATCHES + gate(many + 700).changes
        with running_worker(environment, changes) as process:
            wait_for(lambda: Import.objects.get().rows > many, process)  # noqa: B023
            time.sleep(random.uniform(0, 0.03))
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert list(folder.glob("*/*")), "the file is kept"
        take_for_dead(Import)
    with running_worker(environment, SMALL_BATCHES) as process:
        wait_for(lambda: Import.objects.get().state == Import.State.DONE, process)
        wait_for(lambda: not list(folder.glob("*")), process)
    found.refresh_from_db()
    assert found.rescues == 3
    after = _stored()
    assert {video.video_id for video in found.videos.all()} == {"v0", "v1", "v2"}
    # The same as a command makes of it in one go, for another account.
    YouTubeVideo.objects.all().delete()
    (tmp_path / "all.jsonl").write_bytes(_content())
    report = import_comments(user, tmp_path / "all.jsonl")
    assert after == _stored()
    told = (found.rows, found.new, found.changed, found.same, found.rejections)
    stored = report.stored
    assert told == (report.rows, stored.new, stored.changed, stored.same, report.rejections)
    assert told[0] == ROWS
    assert found.rejected == [[row.line, row.reason] for row in report.rejected]


def test_two_workers_never_import_the_same(user, environment, gate):
    enqueue(_sent(user))
    middle = gate(ROWS // 2)
    changes = SMALL_BATCHES + middle.changes
    with running_worker(environment, changes) as one, running_worker(environment, changes) as two:
        wait_for(lambda: TWICE in outcomes_of_calls(), one)
        middle.open()
        wait_for(lambda: None not in outcomes_of_calls(), one)
        assert two.poll() is None
    assert sorted(outcomes_of_calls()) == [TWICE, "done"]
    found = Import.objects.get()
    assert (found.new, found.same, found.rescues) == (YouTubeComment.objects.count(), 0, 0)


def test_a_worker_that_was_only_asleep_writes_nothing_more(user, environment, gate):
    _sent(user)
    early, late = gate(1000), gate(2000)
    with running_worker(environment, SMALL_BATCHES + early.changes) as sleeper:
        wait_for(early.reached, sleeper)
        wait_for(lambda: put_to_sleep(sleeper, Import))
        take_for_dead(Import)
        with running_worker(environment, SMALL_BATCHES + late.changes) as other:
            wait_for(late.reached, other)
            early.open()
            sleeper.send_signal(signal.SIGCONT)
            wait_for(lambda: LOST in outcomes_of_calls(), sleeper)
            late.open()
            wait_for(lambda: "done" in outcomes_of_calls(), other)
    assert sorted(outcomes_of_calls()) == ["done", LOST]
    found = Import.objects.get()
    assert (found.state, found.rows) == (Import.State.DONE, ROWS)
    assert (found.new, found.same) == (YouTubeComment.objects.count(), 0)


def test_a_worker_that_is_to_end_leaves_the_rest_to_another(user, monkeypatch):
    monkeypatch.setattr(importing, "BATCH", 500)
    found, real = _sent(user), importing.store_comments

    def store(*given):
        stopping.set()
        return real(*given)

    monkeypatch.setattr(importing, "store_comments", store)
    try:
        assert "asked to end" in run(found.pk)
    finally:
        stopping.clear()
    found.refresh_from_db()
    assert (found.rows, found.claim, found.state) == (500, "", "running")
    assert 0 < found.fraction < 1
    monkeypatch.setattr(importing, "store_comments", real)
    assert run(found.pk) == "done"
    found.refresh_from_db()
    assert (found.rows, found.new) == (ROWS, YouTubeComment.objects.count())


def test_what_kills_every_worker_is_given_up_and_its_file_goes(user, folder):
    _sent(user)
    for _ in range(MOST_RESCUES + 1):
        assert list(folder.iterdir())
        Import.objects.update(claim="gone", heartbeat="2020-01-01T00:00Z")
        rescue()
    assert Import.objects.values_list("state", "message").get() == ("failed", GIVEN_UP)
    assert not list(folder.iterdir())


def test_a_video_that_is_deleted_meanwhile_is_not_made_again(user, monkeypatch):
    monkeypatch.setattr(importing, "BATCH", 10)
    rows, real = "text\n" + "".join(f"comment {n}\n" for n in range(30)), importing.store_comments
    found = _sent(user, rows.encode(), "a.csv")
    calls = []

    def store(*given):
        calls.append(given)
        if len(calls) == 2:
            YouTubeVideo.objects.all().delete()
        return real(*given)

    monkeypatch.setattr(importing, "store_comments", store)
    assert run(found.pk) == "failed: DataError"
    assert "The video was deleted" in Import.objects.get().message


def test_an_account_takes_its_files_along(user, folder):
    found = _sent(user)
    user.delete()
    assert not list(folder.iterdir())
    assert run(found.pk).endswith("nothing is to be done")


def test_a_file_that_is_gone_is_told(user):
    found = _sent(user)
    drop(found)
    assert run(found.pk) == "failed: DataError"
    assert Import.objects.get().message == "The file is no longer there; send it again."


def test_a_row_that_is_not_stored_leaves_no_file(user, folder, monkeypatch):
    def fail(*_):
        raise OSError("the disk is full")

    monkeypatch.setattr(uploads, "enqueue", fail)
    with pytest.raises(OSError, match="full"):
        _sent(user)
    assert not list(folder.iterdir())
    assert not Import.objects.exists()


def test_a_disk_that_is_full_is_told_and_nothing_stays(user, folder):
    def content():
        yield b"text\n"
        raise OSError(28, "No space left on device")

    with pytest.raises(DataError, match=r"a\.csv could not be stored here \(No space left"):
        receive(user, "a.csv", content(), "")
    assert not list(folder.iterdir())
    assert not Import.objects.exists()


def test_what_a_row_holds_is_told_as_far_as_it_can_be_stored_and_shown(user, logged_in):
    bad = b'text,label\na,ha\0ppy\nb,"\xff"\nc,' + b"x" * 5000 + b"\nfine,positive\n"
    found = _sent(user, bad, "a.csv")
    run(found.pk)
    found.refresh_from_db()
    assert (found.state, found.new, found.message) == ("done", 1, "")
    assert [line for line, _ in found.rejected] == [2, 3, 4]
    assert all(len(reason) <= 300 and "\0" not in reason for _, reason in found.rejected)
    assert logged_in.get(reverse("import", args=[found.pk])).status_code == 200


def test_what_was_left_behind_is_swept_away_by_the_next_file(user, folder):
    waiting = _sent(user)
    left, new = folder / "left", folder / "new"
    for path in (left, new):
        path.mkdir()
    long_ago = time.time() - 2 * 24 * 3600
    for path in (left, folder / waiting.folder):
        os.utime(path, (long_ago, long_ago))
    second = _sent(user, name="b.jsonl")
    assert {path.name for path in folder.iterdir()} == {waiting.folder, second.folder, "new"}


def test_an_import_without_a_folder_removes_nothing(user, folder):
    kept = _sent(user)
    Import.objects.create(owner=user, name="a.csv", state="done")
    assert (folder / kept.folder).is_dir()


def test_files_of_one_name_are_videos_of_their_own(user):
    sent = [
        ("Song A", b"id,text\n1,lovely\n"),
        ("Film B", b"id,text\n1,awful\n"),
        ("", b"text\nso so\n"),
    ]
    for title, content in (*sent, sent[0]):
        run(receive(user, "2026.01.csv", [content], title).pk)
    found = YouTubeVideo.objects.order_by("pk")
    assert list(found.values_list("title", flat=True)) == ["Song A", "Film B", "2026.01"]
    texts = [list(video.comments.values_list("text", flat=True)) for video in found]
    assert texts == [["lovely"], ["awful"], ["so so"]]
