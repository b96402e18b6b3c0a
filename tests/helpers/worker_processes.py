"""Real worker processes of the site whose database the tests use."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.db import OperationalError, connection, transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

# So long that no worker is taken for dead because the machine stands still for a while: a test
# says by itself which one is.
LEASE = 3600
# The real command, after changes with which it is met at something for certain.
PROGRAM = """
import django
django.setup()
from django.core.management import call_command
{changes}
call_command("worker", interval=0.05)
"""

# Between two steps, outside of any transaction, a worker looks whether it is to end.
_GATE = """
import pathlib, time
from roomtone_site.jobs import stopping
def held_at_the_gate(check=stopping.check):
    opened = pathlib.Path({opened!r})
    if not opened.exists() and {when}:
        pathlib.Path({reached!r}).touch()
        while not opened.exists():
            time.sleep(0.01)
    check()
stopping.check = held_at_the_gate
"""


class Gate:
    """Where workers wait between two steps of a job until they are let through.

    Parameters
    ----------
    folder : Path
        Any, for the files by which it is worked.
    when : str
        From when on nobody passes: an expression in the worker.

    Attributes
    ----------
    changes : str
        What a worker is to be started with to be held by it.
    """

    def __init__(self, folder: Path, when: str = "True") -> None:
        name = secrets.token_hex(4)
        self._reached, self._opened = folder / f"{name}.reached", folder / f"{name}.opened"
        paths = {"reached": str(self._reached), "opened": str(self._opened)}
        self.changes = _GATE.format(when=when, **paths)

    def reached(self) -> bool:
        """Tell whether somebody waits at it, or did."""
        return self._reached.exists()

    def open(self) -> None:
        """Let everybody through from now on."""
        self._opened.touch()


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
        "ROOMTONE_SITE_LEASE": str(LEASE),
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


def put_to_sleep(process: Any, model: Any) -> bool:
    """Stop a worker, but not while it holds the lock for writing, which would stop all others."""
    process.send_signal(signal.SIGSTOP)
    try:
        with transaction.atomic():
            if connection.vendor == "postgresql":  # as a file of SQLite does by itself
                with connection.cursor() as cursor:
                    cursor.execute("set local lock_timeout = '10s'")
            model.objects.update(message="")  # waits for the lock where the process has it
    except OperationalError:
        process.send_signal(signal.SIGCONT)
        return False
    return True


def take_for_dead(model: Any) -> None:
    """Let the workers that are at jobs of a kind have given no sign of life for too long."""
    long_ago = timezone.now() - timedelta(seconds=2 * LEASE)
    assert model.objects.exclude(claim="").update(heartbeat=long_ago), "no worker was at one"


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
