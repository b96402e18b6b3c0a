"""Real worker processes: killed at any moment, several at once, told to end."""

from __future__ import annotations

import random
import signal
import time

import numpy as np
import pytest
from django_tasks_db.models import DBTaskResult
from fake_youtube import KEY, FakeVideo, threads_of
from waiting import LIMIT, wait_for
from worker_processes import (
    Gate,
    outcomes_of_calls,
    put_to_sleep,
    running_worker,
    take_for_dead,
    worker_environment,
)

from roomtone_site.analysis.models import Analysis, Prediction, Removal, State
from roomtone_site.analysis.starting import add_video, start_analysis
from roomtone_site.analysis.versions import install
from roomtone_site.comments.models import YouTubeComment
from roomtone_site.jobs.queueing import enqueue

pytestmark = pytest.mark.django_db(transaction=True)
SMALL_LOTS = """
from roomtone_site.analysis import scoring
from roomtone_site.analysis.models import Prediction
from roomtone_site.comments.models import YouTubeComment
scoring.BATCH = 40
"""  # so that a kill between two of them is likely
LOST = "it is no longer this worker's"


@pytest.fixture
def environment(tmp_path, models_folder, server):
    return worker_environment(
        tmp_path, YOUTUBE_API_KEY=KEY, YOUTUBE_API_ENDPOINT=server.url, OMP_NUM_THREADS="1"
    )


@pytest.fixture
def model(engine, models_folder, transactional_db):
    return install(engine, "small", use=True)


def test_a_worker_killed_at_any_moment_loses_nothing_and_doubles_nothing(
    django_user_model, environment, server, model, engine, gate
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
        *((YouTubeComment, 100), (YouTubeComment, 1200)),
        *((Prediction, 40), (Prediction, 1000)),
    ]
    for kind, many in moments:
        # A kill that comes late finds it there, and not at its end.
        changes = SMALL_LOTS + gate(kind, many + 700).changes
        with running_worker(environment, changes) as process:
            wait_for(lambda: kind.objects.count() > many, process)  # noqa: B023
            time.sleep(random.uniform(0, 0.03))
            process.send_signal(signal.SIGKILL)
            process.wait()
        take_for_dead(Analysis)
    with running_worker(environment, SMALL_LOTS) as process:
        wait_for(lambda: Analysis.objects.get().state == State.DONE, process)

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


def test_two_workers_never_take_the_same_analysis(
    django_user_model, environment, server, model, tmp_path
):
    user = django_user_model.objects.create_user("ana", password="correct-horse-42")
    server.delay = 0.02
    gate = Gate(tmp_path)
    with (
        running_worker(environment, gate.changes) as one,
        running_worker(environment, gate.changes) as two,
    ):
        analyses = []
        for number in range(10):
            name = f"video_{number:05d}"
            server.add(FakeVideo(name, threads=threads_of(120, prefix=f"v{number}.")))
            analyses.append(start_analysis(user, add_video(user, name)))
            enqueue(analyses[-1])  # a second call for each: whoever comes second does nothing
        claimed = Analysis.objects.exclude(claim="")
        wait_for(lambda: claimed.count() == 2, one)  # each has one
        gate.open()
        rows = Analysis.objects.exclude(state__in=(State.DONE, State.FAILED))
        wait_for(lambda: not rows.exists(), one)
        wait_for(lambda: not DBTaskResult.objects.exclude(status="SUCCESSFUL").exists(), two)
        for process in (one, two):
            process.send_signal(signal.SIGTERM)
        assert [process.wait(LIMIT) for process in (one, two)] == [0, 0]
    assert set(Analysis.objects.values_list("state", "rescues")) == {(State.DONE, 0)}
    assert Prediction.objects.count() == YouTubeComment.objects.count() == 1200
    tasks = DBTaskResult.objects.all()
    assert all(len(task.worker_ids) == 1 for task in tasks)
    assert len({task.worker_ids[0] for task in tasks}) == 2, "both had something to do"
    outcomes = [task.return_value for task in tasks]
    assert outcomes.count("done") == 10
    assert len(server.requests) == 10 * 3, "no video was fetched twice"


def test_a_worker_that_is_told_to_end_leaves_its_work_in_order(
    django_user_model, environment, server, model, gate
):
    user = django_user_model.objects.create_user("ana", password="correct-horse-42")
    server.page_size = lambda: 10
    server.add(FakeVideo("dQw4w9WgXcQ", threads=threads_of(600)))
    start_analysis(user, add_video(user, "dQw4w9WgXcQ"))
    middle = gate(YouTubeComment, 30)
    with running_worker(environment, SMALL_LOTS + middle.changes) as process:
        wait_for(middle.reached, process)
        process.send_signal(signal.SIGTERM)
        middle.open()
        assert process.wait(LIMIT) == 0
    analysis = Analysis.objects.get()
    assert (analysis.state, analysis.claim) == (State.FETCHING, "")
    assert YouTubeComment.objects.count() == 30, "it ended with the step that it was at"
    assert DBTaskResult.objects.filter(status="READY").count() == 1


@pytest.mark.parametrize("kind", [YouTubeComment, Prediction], ids=["fetching", "scoring"])
def test_a_worker_that_was_only_asleep_writes_nothing_once_another_has_taken_over(
    django_user_model, environment, server, model, gate, kind
):
    user = django_user_model.objects.create_user("ana", password="correct-horse-42")
    server.page_size = lambda: 20
    server.add(FakeVideo("dQw4w9WgXcQ", threads=threads_of(600)))
    start_analysis(user, add_video(user, "dQw4w9WgXcQ"))
    early, late = gate(kind, 80), gate(kind, 300)
    with running_worker(environment, SMALL_LOTS + early.changes) as sleeper:
        wait_for(early.reached, sleeper)
        # Not while it holds the lock for writing, which would stop all others, too.
        wait_for(lambda: put_to_sleep(sleeper, Analysis))
        take_for_dead(Analysis)
        with running_worker(environment, SMALL_LOTS + late.changes) as other:
            wait_for(late.reached, other)
            before = kind.objects.count()
            early.open()
            sleeper.send_signal(signal.SIGCONT)
            wait_for(lambda: LOST in outcomes_of_calls(), sleeper)
            assert kind.objects.count() == before
            late.open()
            wait_for(lambda: "done" in outcomes_of_calls(), other)
        assert sleeper.poll() is None, "it looks for other work"
    assert YouTubeComment.objects.count() == Prediction.objects.count() == 600
    assert (Analysis.objects.get().done, Analysis.objects.get().state) == (600, State.DONE)
    assert sorted(outcomes_of_calls()) == ["done", LOST]
