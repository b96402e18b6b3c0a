"""Trainings in real worker processes: killed at any moment, asleep, several at once."""

from __future__ import annotations

import random
import signal
import time

import numpy as np
import pytest
from django.urls import reverse
from django_tasks_db.models import DBTaskResult
from waiting import LIMIT, wait_for
from worker_processes import (
    Gate,
    outcomes_of_calls,
    put_to_sleep,
    running_worker,
    take_for_dead,
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
LOST, TWICE = "it is no longer this worker's", "another worker has it, or nothing is to be done"
# It never comes to the end of its last step, in which the model is stored.
NO_END = """
import time
from roomtone_site.labelling import retraining
install = retraining.install
def without_end(*given, **options):
    install(*given, **options)
    time.sleep(3600)
retraining.install = without_end
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


@pytest.fixture
def fitted(tmp_path):
    """A gate at which a model is fitted, and neither judged nor stored."""
    return Gate(tmp_path)


def test_a_training_whose_worker_is_killed_is_taken_up_and_makes_one_model(
    labelled, environment, fitted, models_folder
):
    training = start_training(labelled, kind="logreg", name="mine")
    random.seed(3)
    before = set(models_folder.iterdir())

    def is_claimed():
        return Training.objects.get().claim not in ("", claimed)

    def is_stored():
        return set(models_folder.iterdir()) > before

    moments = [(is_claimed, fitted.changes)] * 2 + [(fitted.reached, fitted.changes)]
    for reached, changes in (*moments, (is_stored, NO_END)):
        claimed = Training.objects.get().claim
        with running_worker(environment, changes) as process:
            wait_for(reached, process)
            time.sleep(random.uniform(0, 0.3))
            process.send_signal(signal.SIGKILL)
            process.wait()
        take_for_dead(Training)
    with running_worker(environment) as process:
        wait_for(lambda: Training.objects.get().state == Training.State.DONE, process)
    training.refresh_from_db()
    assert (training.rescues, training.claim, training.message) == (4, "", "")
    (made,) = ModelVersion.objects.owned_by(labelled)
    assert training.version == made
    np.testing.assert_array_equal(load_version(made).predict(["splendid", "dull"]), [2, 0])
    assert training.result["scores"]["new"]["f1_macro"] > 0.9


def test_two_workers_never_train_the_same(labelled, environment, fitted):
    enqueue(start_training(labelled, kind="logreg"))
    with (
        running_worker(environment, fitted.changes) as one,
        running_worker(environment, fitted.changes) as two,
    ):
        wait_for(lambda: TWICE in outcomes_of_calls(), one)
        fitted.open()
        wait_for(lambda: None not in outcomes_of_calls(), one)
        assert two.poll() is None
    assert sorted(outcomes_of_calls()) == [TWICE, "done"]
    assert ModelVersion.objects.owned_by(labelled).count() == 1


def test_a_worker_that_was_asleep_stores_no_second_model(labelled, environment, fitted, tmp_path):
    start_training(labelled, kind="logreg")
    late = Gate(tmp_path)
    with running_worker(environment, fitted.changes) as sleeper:
        wait_for(fitted.reached, sleeper)
        wait_for(lambda: put_to_sleep(sleeper, Training))
        take_for_dead(Training)
        with running_worker(environment, late.changes) as other:
            wait_for(late.reached, other)
            fitted.open()
            sleeper.send_signal(signal.SIGCONT)
            wait_for(lambda: LOST in outcomes_of_calls(), sleeper)
            assert not ModelVersion.objects.owned_by(labelled).exists()
            late.open()
            wait_for(lambda: "done" in outcomes_of_calls(), other)
    assert sorted(outcomes_of_calls()) == ["done", LOST]
    assert ModelVersion.objects.owned_by(labelled).count() == 1


def test_a_worker_that_is_told_to_end_leaves_the_training_to_another(labelled, environment, fitted):
    start_training(labelled, kind="logreg")
    with running_worker(environment, fitted.changes) as process:
        wait_for(fitted.reached, process)
        process.send_signal(signal.SIGTERM)
        fitted.open()
        assert process.wait(LIMIT) == 0
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
