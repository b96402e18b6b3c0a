"""Real worker processes: killed at any moment, several at once, told to end."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from django.db import OperationalError, connection
from django_tasks_db.models import DBTaskResult
from fake_youtube import KEY, FakeVideo, threads_of

from roomtone_site.analysis.models import Analysis, Prediction, Removal, State
from roomtone_site.analysis.queueing import enqueue
from roomtone_site.analysis.starting import add_video, start_analysis
from roomtone_site.analysis.versions import install
from roomtone_site.comments.models import YouTubeComment

pytestmark = pytest.mark.django_db(transaction=True)
LIMIT = 60.0
# The real command; the lots are small so that a kill between two of them is likely.
PROGRAM = """
import django
django.setup()
from django.core.management import call_command
from roomtone_site.analysis import scoring
scoring.BATCH = 40
call_command("worker", interval=0.05)
"""


@pytest.fixture
def environment(tmp_path, models_folder, server):
    """What makes a process a worker of the site whose database the tests use."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        url = f"sqlite:///{database['NAME']}"
    else:
        url = (
            f"postgres://{database['USER']}:{database['PASSWORD']}@"
            f"{quote(database['HOST'], safe='')}:{database['PORT']}/{database['NAME']}"
        )
    return os.environ | {
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[3] / "src"), *sys.path]),
        "DJANGO_SETTINGS_MODULE": "roomtone_site.config.settings",
        "ROOMTONE_SITE_SECRET_KEY": "k" * 50,
        "ROOMTONE_SITE_HOSTS": "localhost",
        "ROOMTONE_SITE_HTTPS": "0",
        "ROOMTONE_SITE_FOLDER": str(tmp_path),
        "ROOMTONE_SITE_LEASE": "1",
        "DATABASE_URL": url,
        "YOUTUBE_API_KEY": KEY,
        "YOUTUBE_API_ENDPOINT": server.url,
        "OMP_NUM_THREADS": "1",
    }


@contextmanager
def _worker(environment):
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        env=environment,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _wait(reached, process=None):
    end = time.monotonic() + LIMIT
    while not reached():
        if process is not None and process.poll() is not None:
            pytest.fail(f"the worker ended: {process.stderr.read().decode()[-2000:]}")
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.005)


@pytest.fixture
def model(engine, models_folder, transactional_db):
    return install(engine, "small", use=True)


def test_a_worker_killed_at_any_moment_loses_nothing_and_doubles_nothing(
    django_user_model, environment, server, model, engine
):
    user = django_user_model.objects.create_user("ana", password="correct-horse-42")
    server.page_size = lambda: 40
    server.delay = 0.01
    fake = server.add(FakeVideo("dQw4w9WgXcQ", threads=threads_of(900, replies=lambda n: n % 4)))
    expected = {t.id for t in fake.threads} | {r.id for t in fake.threads for r in t.replies}
    analysis = start_analysis(
        user, add_video(user, "dQw4w9WgXcQ"), options={"replies": True, "spam": False}
    )
    random.seed(5)
    moments = [
        lambda: YouTubeComment.objects.count() > 100,
        lambda: YouTubeComment.objects.count() > 1200,
        lambda: Prediction.objects.count() > 40,
        lambda: Prediction.objects.count() > 1000,
    ]
    for reached in moments:
        with _worker(environment) as process:
            _wait(reached, process)
            time.sleep(random.uniform(0, 0.03))
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert Analysis.objects.get().claim, "it was killed in the middle"
    with _worker(environment) as process:
        _wait(lambda: Analysis.objects.get().state == State.DONE, process)

    names = list(YouTubeComment.objects.values_list("comment_id", flat=True))
    assert len(names) == len(set(names))
    assert set(names) == expected
    analysis.refresh_from_db()
    assert (analysis.done, analysis.total) == (len(expected), len(expected))
    assert analysis.rescues == len(moments)
    rows = Prediction.objects.order_by("comment_id")
    texts = [row.comment.text for row in rows.select_related("comment")]
    found = np.array(rows.values_list("p_negative", "p_neutral", "p_positive"))
    assert found.shape == (len(expected), 3)
    np.testing.assert_allclose(found, engine.predict_proba(texts), rtol=1e-9)
    # A kill costs the request that was under way, and no other is made twice.
    pages = len({(path, tuple(sorted(asked.items()))) for path, asked in server.requests})
    assert len(server.requests) - pages <= len(moments)
    removed = Removal.objects.values_list("comment_id", "reason")
    assert len(removed) == len(set(removed))


def test_two_workers_never_take_the_same_analysis(django_user_model, environment, server, model):
    user = django_user_model.objects.create_user("ana", password="correct-horse-42")
    server.delay = 0.02
    with _worker(environment) as one, _worker(environment) as two:
        analyses = []
        for number in range(10):
            name = f"video_{number:05d}"
            server.add(FakeVideo(name, threads=threads_of(120, prefix=f"v{number}.")))
            analyses.append(start_analysis(user, add_video(user, name)))
            enqueue(analyses[-1])  # a second call for each: whoever comes second does nothing
        rows = Analysis.objects.exclude(state__in=(State.DONE, State.FAILED))
        _wait(lambda: not rows.exists(), one)
        _wait(lambda: not DBTaskResult.objects.exclude(status="SUCCESSFUL").exists(), two)
        for process in (one, two):
            process.send_signal(signal.SIGTERM)
        assert [process.wait(20) for process in (one, two)] == [0, 0]
    assert set(Analysis.objects.values_list("state", "rescues")) == {(State.DONE, 0)}
    assert Prediction.objects.count() == YouTubeComment.objects.count() == 1200
    tasks = DBTaskResult.objects.all()
    assert all(len(task.worker_ids) == 1 for task in tasks)
    assert len({task.worker_ids[0] for task in tasks}) == 2, "both had something to do"
    outcomes = [task.return_value for task in tasks]
    assert outcomes.count("done") == 10
    assert len(server.requests) == 10 * 3, "no video was fetched twice"


def test_a_worker_that_is_told_to_end_leaves_its_work_in_order(
    django_user_model, environment, server, model
):
    user = django_user_model.objects.create_user("ana", password="correct-horse-42")
    server.page_size = lambda: 10
    server.delay = 0.05
    server.add(FakeVideo("dQw4w9WgXcQ", threads=threads_of(600)))
    start_analysis(user, add_video(user, "dQw4w9WgXcQ"))
    with _worker(environment) as process:
        _wait(lambda: YouTubeComment.objects.count() > 20, process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    analysis = Analysis.objects.get()
    assert (analysis.state, analysis.claim) == (State.FETCHING, "")
    assert YouTubeComment.objects.count() < 600
    assert DBTaskResult.objects.filter(status="READY").count() == 1


def test_a_worker_that_was_only_asleep_writes_nothing_once_another_has_taken_over(
    django_user_model, environment, server, model
):
    user = django_user_model.objects.create_user("ana", password="correct-horse-42")
    server.page_size = lambda: 20
    server.delay = 0.02
    server.add(FakeVideo("dQw4w9WgXcQ", threads=threads_of(600)))
    start_analysis(user, add_video(user, "dQw4w9WgXcQ"))
    with _worker(environment) as sleeper:
        _wait(lambda: YouTubeComment.objects.count() > 60, sleeper)
        # Not while it holds the lock for writing, which would stop all others, too.
        _wait(lambda: _stopped_outside_a_transaction(sleeper))
        claim = Analysis.objects.get().claim
        with _worker(environment) as other:
            _wait(lambda: Analysis.objects.get().claim not in ("", claim), other)
            sleeper.send_signal(signal.SIGCONT)
            _wait(lambda: Analysis.objects.get().state == State.DONE, other)
            _wait(lambda: not DBTaskResult.objects.filter(status="RUNNING").exists(), other)
        assert sleeper.poll() is None, "it looks for other work"
    assert YouTubeComment.objects.count() == Prediction.objects.count() == 600
    assert Analysis.objects.get().done == 600
    outcomes = list(DBTaskResult.objects.values_list("return_value", flat=True))
    assert outcomes.count("done") == outcomes.count("it was given to another worker") == 1


def _stopped_outside_a_transaction(process):
    process.send_signal(signal.SIGSTOP)
    try:
        Analysis.objects.update(message="")  # waits for the lock where the process has it
    except OperationalError:
        process.send_signal(signal.SIGCONT)
        return False
    return True
