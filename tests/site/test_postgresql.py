"""The same tests of what is stored, on a PostgreSQL that is started for them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from own_postgres import NoPostgresError, running_postgres

pytestmark = pytest.mark.skipif(
    "DATABASE_URL" in os.environ, reason="all of the tests run on the database that is named"
)
HERE = Path(__file__).parent
FILES = (
    *("test_models.py", "test_storing.py", "test_accounts.py"),
    *("test_importing.py", "test_exporting.py", "test_sample.py"),
    *("analysis/test_running.py", "analysis/test_retention.py"),
    "jobs/test_repeating.py",
    *("pages/test_summary.py", "pages/test_views.py", "pages/test_comparing.py"),
    *("analysis/test_again.py", "analysis/test_workers_beside.py", "test_deleting.py"),
    "analysis/test_workers.py::test_two_workers_never_take_the_same_analysis",
    "analysis/test_workers.py::test_a_worker_killed_at_any_moment_loses_nothing_and_doubles_nothing",
    *("test_guessing.py", "limits/test_counting.py"),
)


@pytest.fixture(scope="module")
def database():
    try:
        with running_postgres() as address:
            yield address
    except NoPostgresError as error:
        pytest.skip(str(error))


def test_all_that_is_stored_is_stored_there_too(database, clean_environment):
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--create-db"),
            *(str(HERE / name) for name in FILES),
        ],
        cwd=HERE.parents[1],
        env=clean_environment | {"DATABASE_URL": database},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr
    # SQLite's query plans, and the corpus of the demo where it was not downloaded.
    assert re.search(r"passed, [34] skipped", done.stdout)


def test_a_site_is_prepared_there(database, manage):
    for command in (("migrate", "-v0"), ("check", "--database", "default")):
        done = manage(*command, DATABASE_URL=database)
        assert done.returncode == 0, done.stderr
    done = manage("shell", stdin=VENDOR, DATABASE_URL=database)
    assert done.stdout.splitlines()[-1] == "postgresql 0", done.stderr


VENDOR = """
from django.db import connection
from app.models import YouTubeComment
print(connection.vendor, YouTubeComment.objects.count())
"""
