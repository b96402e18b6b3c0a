"""What is too large is refused by its announced length, before any of it is stored."""

from __future__ import annotations

import http.client
import io
import os
import time
from contextlib import suppress

import pytest
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.test import Client
from django.urls import reverse
from real_server import served

MEGABYTE = 1_000_000


def parts(size):
    """A form with a file of so many bytes."""
    file = io.BytesIO((b"text\n" + (b"lovely " * 1000 + b"\n") * (size // 7000))[:size])
    file.name = "f.csv"
    return {"file": file, "title": "t"}


@pytest.fixture
def stored(monkeypatch):
    """The sizes of the pieces of files that were taken."""
    taken, first = [], MemoryFileUploadHandler.receive_data_chunk

    def receive(self, raw, start):
        taken.append(len(raw))
        return first(self, raw, start)

    monkeypatch.setattr(MemoryFileUploadHandler, "receive_data_chunk", receive)
    return taken


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["accounts:login", "accounts:signup", "add_file", "add", "tokens"])
def test_a_visitor_cannot_send_a_large_file_anywhere(name, stored):
    strict = Client(enforce_csrf_checks=True)
    strict.get(reverse("accounts:login"))
    answer = strict.post(reverse(name), parts(2 * MEGABYTE))
    assert answer.status_code == 413
    assert "more than 1,000,000 bytes" in answer.text
    assert stored == []
    small = strict.post(reverse(name), parts(1000))
    assert small.status_code == 403, "it has no CSRF token"


@pytest.mark.django_db
def test_an_account_can_send_one_where_files_are_taken_and_nowhere_else(
    logged_in, stored, tmp_path, settings
):
    settings.UPLOADS_FOLDER = tmp_path
    for name in ("tokens", "add_link"):
        assert logged_in.post(reverse(name), parts(2 * MEGABYTE)).status_code == 413
    assert stored == []
    assert logged_in.post(reverse("add_file"), parts(2 * MEGABYTE)).status_code == 302
    assert sum(stored) > MEGABYTE


@pytest.mark.django_db
def test_a_file_beyond_what_the_page_takes_is_refused_unread(logged_in, stored):
    answer = logged_in.post(reverse("add_file"), parts(1000), CONTENT_LENGTH=str(211 * 2**20))
    assert answer.status_code == 413
    assert "more than 210,763,776 bytes" in answer.text
    assert stored == []


@pytest.mark.django_db
def test_a_form_without_files_has_the_same_limit(logged_in):
    form = {"content_type": "application/x-www-form-urlencoded"}
    answer = logged_in.post(reverse("tokens"), "name=" + "a" * MEGABYTE, **form)
    assert answer.status_code == 413
    assert "1,000,000 bytes" in answer.text


@pytest.mark.django_db
def test_the_api_tells_it_in_its_own_form(logged_in, stored):
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = logged_in.cookies
    strict.get(reverse("add"))
    answer = strict.post("/api/score", parts(2 * MEGABYTE))
    assert (answer.status_code, answer.json()["error"]) == (413, "too_large")
    assert stored == []


def _watched(folder, pieces, most):
    """Yield pieces slowly enough to see what becomes of them, and note what lies in a folder."""
    for piece in pieces:
        yield piece
        time.sleep(0.002)
        most.append(sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("announced", [True, False], ids=["announced", "in chunks"])
def test_nothing_of_it_reaches_the_disk_behind_the_real_server(tmp_path, announced):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    with served(tmp_path, TMPDIR=str(temporary)) as port:
        _send_much(port, temporary, announced=announced)


def _send_much(port, temporary, *, announced):
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="f.csv"\r\n\r\n'
    pieces = [head, *[b"x" * MEGABYTE] * 30, b"\r\n--b--\r\n"]
    # Without a cookie no token is looked for in the form.
    headers = {"Content-Type": "multipart/form-data; boundary=b", "Cookie": f"csrftoken={'a' * 32}"}
    if announced:
        headers["Content-Length"] = str(sum(map(len, pieces)))
    connection = http.client.HTTPConnection("localhost", port, timeout=30)
    sizes = [0]
    body = _watched(temporary, pieces, sizes)
    with suppress(BrokenPipeError, ConnectionResetError):  # it may answer before all was sent
        connection.request("POST", "/accounts/log-in/", body, headers, encode_chunked=not announced)
    assert max(sizes) == 0
    assert os.listdir(temporary) == []
    try:
        status = connection.getresponse().status
    except (ConnectionResetError, BrokenPipeError):
        return  # whoever still sends when the server hangs up may not get to read the answer
    assert status == (413 if announced else 403)
