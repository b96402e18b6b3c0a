"""Threads beside a worker's work: nothing that fails once ends them."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread

import pytest
from django.db import connection
from django.utils import timezone
from waiting import wait_for
from worker_processes import restart_the_database, running_worker, worker_environment

from roomtone_site.comments.models import Import
from roomtone_site.jobs.claims import beating, lease, take
from roomtone_site.jobs.queueing import enqueue, rescue
from roomtone_site.jobs.repeating import repeat

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _short_lease(settings):
    settings.WORKER_LEASE = 1


@pytest.fixture
def job(user):
    return Import.objects.create(owner=user, name="a.csv", folder="")


@contextmanager
def repeating(do):
    ended = Event()
    thread = Thread(target=repeat, args=(do,), kwargs={"every": 0.05, "until": ended})
    thread.start()
    try:
        yield thread
    finally:
        ended.set()
        thread.join()


def _restart():
    if connection.vendor == "postgresql":  # a file of SQLite has no server that restarts
        restart_the_database()


def _lose(job):
    """Let it be claimed by a worker that is gone."""
    long_ago = timezone.now() - 2 * lease()
    Import.objects.filter(pk=job.pk).update(claim="gone", heartbeat=long_ago, rescues=0)


def test_what_fails_once_is_done_the_next_time(caplog):
    rounds = []

    def fail_at_first():
        rounds.append(1)
        if len(rounds) < 3:
            raise LookupError("not expected")

    with repeating(fail_at_first):
        wait_for(lambda: len(rounds) > 3)
    assert caplog.text.count("fail_at_first failed (LookupError: not expected)") == 2


def test_lost_jobs_are_rescued_after_the_database_was_restarted(job):
    with repeating(rescue):
        for _ in range(2):
            _lose(job)
            wait_for(lambda: Import.objects.get().claim == "")
            _restart()


def test_signs_of_life_are_given_after_the_database_was_restarted(job):
    claim = take(Import, job.pk)
    with beating(claim):
        for _ in range(2):
            before = Import.objects.get().heartbeat
            wait_for(lambda before=before: Import.objects.get().heartbeat > before)
            _restart()
    assert timezone.now() - Import.objects.get().heartbeat < timedelta(seconds=60)


def test_a_worker_takes_up_by_itself_what_one_that_is_gone_was_at(user, tmp_path):
    environment = worker_environment(tmp_path, ROOMTONE_SITE_LEASE="1")
    with running_worker(environment) as process:
        done = Import.objects.create(owner=user, name="a.csv")
        enqueue(done)
        wait_for(lambda: Import.objects.get().state == "failed", process)  # there is no file
        Import.objects.create(owner=user, name="b.csv", claim="gone", heartbeat=timezone.now())
        wait_for(lambda: not Import.objects.exclude(state="failed").exists(), process)
    assert Import.objects.get(name="b.csv").rescues > 0


def test_a_job_that_is_deleted_while_it_is_rescued_ends_no_thread(job, monkeypatch):
    Import.objects.update(created=timezone.now() - 2 * lease())
    real = Import.objects.select_for_update

    def deleted_meanwhile(**options):
        Import.objects.all().delete()
        return real(**options)

    monkeypatch.setattr(Import._default_manager, "select_for_update", deleted_meanwhile)
    assert rescue() == 0
