"""A site whose requests are answered by several processes."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections import Counter
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection
from urllib.parse import urlencode

import pytest
from small_model import small_engine

from roomtone.engines import save_engine
from roomtone_site.accounts.guessing import MOST_PER_ACCOUNT

MOST, ASKED = 20, 50
TOKEN = """
from roomtone_site.accounts.models import User
from roomtone_site.api.tokens import issue
print(issue(User.objects.get(), "a program")[1])
"""


@pytest.fixture
def site(clean_environment, tmp_path):
    """The port of a site with two processes for requests and a small limit."""
    model = save_engine(small_engine(), tmp_path / "engine")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "roomtone", "site", "--port", str(port)),
            *("--web_workers", "2", "--user", "ana", "--model", str(model)),
        ],
        env=clean_environment
        | {
            "ROOMTONE_SITE_API_REQUESTS": str(MOST),
            "DJANGO_SUPERUSER_PASSWORD": "a-mild-evening-7",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    try:
        lines = []
        for line in process.stdout:
            lines.append(line)
            if "Ctrl-C" in line:
                break
        else:
            pytest.fail("".join(lines))
        yield port
    finally:
        process.terminate()
        process.communicate(timeout=60)


def test_an_account_may_use_the_api_as_much_as_with_one_process(site, manage):
    token = manage("shell", "-v0", stdin=TOKEN).stdout.split()[-1]
    found = Counter()
    for _ in range(ASKED):
        # A connection for each: the system deals them out to the processes.
        connection = HTTPConnection("127.0.0.1", site, timeout=30)
        connection.request("GET", "/api/models", headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        minute = parsedate_to_datetime(answer.headers["Date"]).replace(second=0)
        found[answer.status, minute] += 1
        connection.close()
    assert {status for status, _ in found} == {200, 429}
    minutes = {minute for _, minute in found}
    passed = sum(count for (status, _), count in found.items() if status == 200)
    assert MOST <= passed <= MOST * len(minutes)


def test_an_account_is_guessed_as_seldom_as_with_one_process(site):
    form = urlencode({"csrfmiddlewaretoken": "a" * 32, "username": "ana", "password": "guessed"})
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": f"csrftoken={'a' * 32}",
    }
    found = []
    for _ in range(2 * MOST_PER_ACCOUNT + 2):
        connection = HTTPConnection("127.0.0.1", site, timeout=30)
        connection.request("POST", "/accounts/log-in/", form, headers)
        answer = connection.getresponse()
        found.append(answer.status)
        text = answer.read().decode()
        connection.close()
    assert found[:MOST_PER_ACCOUNT] == [200] * MOST_PER_ACCOUNT
    # A window may end meanwhile, but not two.
    assert found.count(200) <= 2 * MOST_PER_ACCOUNT
    assert found.count(429) >= 2
    assert found[-1] == 200 or "try again in" in text
