"""Trainings in real worker processes: killed at any moment, asleep, several at once."""

from __future__ import annotations

import random
import signal
import time

import numpy as np
import pytest
from django.urls import reverse
from django_tasks_db.models import DBTaskResult
from worker_processes import (
    outcomes_of_calls,
    put_to_sleep,
    running_worker,
    wait_for,
    worker_environment,
)

from roomtone_site.analysis.models import ModelVersion
from roomtone_site.analysis.versions import load_version
from roomtone_site.comments.incoming import Incoming
from roomtone_site.comments.models import YouTubeVideo
from roomtone_site.comments.storing import store_comments
from roomtone_site.jobs.queueing import GIVEN_UP, MOST_RESCUES, enqueue, rescue
from roomtone_site.labelling.models import Training
from roomtone_site.labelling.retraining import start_training

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = ("dull", "usual", "splendid")
SLOW = """
import time
from roomtone_site.labelling import retraining
fit = retraining._fit
def slowly(*given):
    time.sleep(0.5)
    return fit(*given)
retraining._fit = slowly
"""


@pytest.fixture
def environment(tmp_path, version):
    return worker_environment(tmp_path, OMP_NUM_THREADS="1")


@pytest.fixture
def labelled(user):
    video = YouTubeVideo.objects.create(owner=user, video_id="v", title="", source="import")
    rows = [Incoming(str(n), f"{WORDS[n % 3]} number {n}", sentiment=n % 3) for n in range(120)]
    store_comments(video, rows)
    return user


def _running():
    return Training.objects.filter(state="running").exclude(claim="").exists()


def test_a_training_whose_worker_is_killed_is_taken_up_and_makes_one_model(labelled, environment):
    training = start_training(labelled, kind="logreg", name="mine")
    random.seed(3)
    for pause in (0.0, 0.2, 0.5 + random.uniform(0, 0.1)):
        with running_worker(environment, SLOW) as process:
            before = Training.objects.get().claim
            wait_for(lambda: _running() and Training.objects.get().claim != before, process)  # noqa: B023
            time.sleep(pause)
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert Training.objects.get().claim, "it was killed in the middle"
    with running_worker(environment) as process:
        wait_for(lambda: Training.objects.get().state == Training.State.DONE, process)
    training.refresh_from_db()
    assert (training.rescues, training.claim, training.message) == (3, "", "")
    (made,) = ModelVersion.objects.owned_by(labelled)
    assert training.version == made
    np.testing.assert_array_equal(load_version(made).predict(["splendid", "dull"]), [2, 0])
    assert training.result["scores"]["new"]["f1_macro"] > 0.9


def test_two_workers_never_train_the_same(labelled, environment):
    training = start_training(labelled, kind="logreg")
    enqueue(training)  # whoever comes second does nothing
    with running_worker(environment, SLOW) as one, running_worker(environment, SLOW) as two:
        wait_for(lambda: not DBTaskResult.objects.exclude(status="SUCCESSFUL").exists(), one)
        assert two.poll() is None
    outcomes = sorted(DBTaskResult.objects.values_list("return_value", flat=True))
    assert outcomes == ["another worker has it, or nothing is to be done", "done"]
    assert ModelVersion.objects.owned_by(labelled).count() == 1


def test_a_worker_that_was_asleep_stores_no_second_model(labelled, environment):
    start_training(labelled, kind="logreg")
    with running_worker(environment, SLOW) as sleeper:
        wait_for(_running, sleeper)
        wait_for(lambda: put_to_sleep(sleeper, Training))
        claim = Training.objects.get().claim
        with running_worker(environment) as other:
            wait_for(lambda: Training.objects.get().claim not in ("", claim), other)
            sleeper.send_signal(signal.SIGCONT)
            wait_for(lambda: Training.objects.get().state == Training.State.DONE, other)
            wait_for(lambda: None not in outcomes_of_calls(), other)
    outcomes = outcomes_of_calls()
    assert outcomes.count("done") == outcomes.count("it is no longer this worker's") == 1
    assert ModelVersion.objects.owned_by(labelled).count() == 1


def test_a_worker_that_is_told_to_end_leaves_the_training_to_another(labelled, environment):
    start_training(labelled, kind="logreg")
    with running_worker(environment, SLOW) as process:
        wait_for(_running, process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert Training.objects.get().claim == ""
    assert DBTaskResult.objects.filter(status="READY").count() == 1


def test_one_that_kills_every_worker_is_given_up_and_another_can_be_started(labelled, logged_in):
    training = start_training(labelled, kind="logreg")
    Training.objects.update(state="running")
    for _ in range(MOST_RESCUES + 1):
        Training.objects.update(claim="gone", heartbeat="2020-01-01T00:00Z")
        assert rescue() == 1
    training.refresh_from_db()
    assert (training.state, training.message) == ("failed", GIVEN_UP)
    assert "time and again" in logged_in.get(reverse("models")).text
    assert start_training(labelled).state == "queued"


def test_one_from_before_claims_were_kept_is_taken_up_too(labelled):
    start_training(labelled, kind="logreg")
    long_ago = "2020-01-01T00:00Z"
    Training.objects.update(state="running", created=long_ago, started=long_ago)
    DBTaskResult.objects.update(status="RUNNING", started_at=long_ago)
    assert rescue() == 1
    assert DBTaskResult.objects.filter(status="READY").count() == 1
