from __future__ import annotations

import pytest
from django.db import OperationalError
from django_tasks_db.management.commands.db_worker import Worker

from roomtone_site.jobs import worker
from roomtone_site.jobs.worker import SiteWorker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def failing(monkeypatch):
    """Let the database fail twice, and then the worker end."""
    runs = []

    def run(self):
        runs.append(1)
        if len(runs) < 3:
            raise OperationalError("the server is starting up")

    monkeypatch.setattr(Worker, "run", run)
    monkeypatch.setattr(worker, "_AFTER_A_FAILURE", 0.01)
    return runs


def test_a_worker_waits_for_a_database_that_is_away(failing, caplog):
    SiteWorker(interval=0.1, batch=False, daily=lambda: None).run()
    assert len(failing) == 3
    assert caplog.text.count("the database fails, and is tried again") == 2


def test_one_that_is_to_end_with_the_work_tells_of_it(failing):
    with pytest.raises(OperationalError):
        SiteWorker(interval=0.1, batch=True, daily=lambda: None).run()
