"""Real worker processes of the site whose database the tests use."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.db import OperationalError, connection
from django_tasks_db.models import DBTaskResult

LIMIT = 60.0
# The real command, after changes that make it slow enough to be met at something.
PROGRAM = """
import django
django.setup()
from django.core.management import call_command
{changes}
call_command("worker", interval=0.05)
"""


def worker_environment(folder: Path, **variables: str) -> dict[str, str]:
    """Give what makes a process a worker of that site, whose folder of models is in `folder`."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        url = f"sqlite:///{database['NAME']}"
    else:
        url = (
            f"postgres://{database['USER']}:{database['PASSWORD']}@"
            f"{quote(database['HOST'], safe='')}:{database['PORT']}/{database['NAME']}"
        )
    return os.environ | {
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[2] / "src"), *sys.path]),
        "DJANGO_SETTINGS_MODULE": "roomtone_site.config.settings",
        "ROOMTONE_SITE_SECRET_KEY": "k" * 50,
        "ROOMTONE_SITE_HOSTS": "localhost",
        "ROOMTONE_SITE_HTTPS": "0",
        "ROOMTONE_SITE_FOLDER": str(folder),
        "ROOMTONE_SITE_LEASE": "1",
        "DATABASE_URL": url,
        **variables,
    }


@contextmanager
def running_worker(
    environment: dict[str, str], changes: str = ""
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker; it is killed at the end."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(changes=changes)],
        env=environment,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_for(reached: Callable[[], bool], process: Any = None) -> None:
    """Wait until something is so; fails the test where that takes long, or the worker ends."""
    end = time.monotonic() + LIMIT
    while not reached():
        if process is not None and process.poll() is not None:
            pytest.fail(f"the worker ended: {process.stderr.read().decode()[-2000:]}")
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.005)


def put_to_sleep(process: Any, model: Any) -> bool:
    """Stop a worker, but not while it holds the lock for writing, which would stop all others."""
    process.send_signal(signal.SIGSTOP)
    try:
        model.objects.update(message="")  # waits for the lock where the process has it
    except OperationalError:
        process.send_signal(signal.SIGCONT)
        return False
    return True


def outcomes_of_calls() -> list[str | None]:
    """Say what became of each call for a worker; None where nothing yet."""
    return list(DBTaskResult.objects.values_list("return_value", flat=True))


def restart_the_database() -> None:
    """Let PostgreSQL end all connections but this one, as a restart does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where pid <> pg_backend_pid() and datname = current_database()"
        )
