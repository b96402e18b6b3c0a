"""What Caddy does in front of the site by `Caddyfile`, as `compose.yaml` starts it."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
import subprocess
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

pytest.importorskip("django", reason="the site needs: pip install 'roomtone[site]'")

from django.urls import resolve, reverse

from roomtone_site.pages.forms import MOST_WITH_FORM

REPOSITORY = Path(__file__).parents[2]
CADDYFILE = (REPOSITORY / "Caddyfile").read_text(encoding="utf-8")
CADDY = shutil.which("caddy")
needs_caddy = pytest.mark.skipif(CADDY is None, reason="needs Caddy (apt install caddy)")


def adapted(addresses):
    """Let Caddy read its file; gives what it says and the names that it answers to."""
    done = subprocess.run(
        [CADDY, "adapt", "--config", REPOSITORY / "Caddyfile", "--adapter", "caddyfile"],
        env=os.environ | {"SITE_ADDRESSES": addresses},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        return done.stderr, set()
    (server,) = json.loads(done.stdout)["apps"]["http"]["servers"].values()
    return "", {name for route in server["routes"] for name in route["match"][0]["host"]}


def test_it_lets_through_what_the_site_takes_and_no_more():
    assert CADDYFILE.count(f"path {reverse('add_file')}\n") == 2
    assert MOST_WITH_FORM == resolve(reverse("add_file")).func.most_bytes == 201 * 2**20
    assert "max_size 201MiB" in CADDYFILE
    assert "max_size 1MB" in CADDYFILE


def test_its_names_are_those_of_the_site_unless_they_are_given():
    proxy = yaml.safe_load((REPOSITORY / "compose.yaml").read_text("utf-8"))["services"]["proxy"]
    assert proxy["environment"]["SITE_ADDRESSES"] == "${SITE_ADDRESSES:-${ROOMTONE_SITE_HOSTS}}"
    assert "./Caddyfile:/etc/caddy/Caddyfile:ro" in proxy["volumes"]
    assert "command" not in proxy, "the image's own reads that file"


@needs_caddy
@pytest.mark.parametrize(
    "addresses", ["a.example.org", "a.example.org, b.example.org", "a.example.org b.example.org"]
)
def test_caddy_answers_to_all_names(addresses):
    assert adapted(addresses) == ("", set(addresses.replace(",", "").split()))


@needs_caddy
def test_caddy_tells_where_a_blank_is_missing():
    assert "put a space after the comma" in adapted("a.example.org,b.example.org")[0]


class Upstream(BaseHTTPRequestHandler):
    """Reads what it is sent, and notes how much that was."""

    def do_POST(self):
        read, whole = 0, int(self.headers["Content-Length"])
        with suppress(OSError):
            while piece := self.rfile.read(min(2**16, whole - read)):
                read += len(piece)
        self.server.read = read
        with suppress(OSError):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(self.headers["X-Forwarded-For"].encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def proxied(tmp_path):
    """The port of Caddy, and the server behind it, which notes what reaches it."""
    upstream = ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    threading.Thread(target=upstream.serve_forever, daemon=True).start()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    text = CADDYFILE.replace("web:8000", f"127.0.0.1:{upstream.server_port}")
    config = tmp_path / "Caddyfile"
    config.write_text("{\n\tadmin off\n\tauto_https off\n}\n" + text, encoding="utf-8")
    variables = {"SITE_ADDRESSES": f"http://localhost:{port}", "HOME": str(tmp_path)}
    command = [CADDY, "run", "--config", config, "--adapter", "caddyfile"]
    with subprocess.Popen(command, env=os.environ | variables, stderr=subprocess.PIPE) as process:
        for line in process.stderr:
            if b"serving initial configuration" in line:
                break
        threading.Thread(target=process.stderr.read, daemon=True).start()
        yield port, upstream
        process.terminate()
    upstream.shutdown()
    upstream.server_close()


@needs_caddy
@pytest.mark.parametrize("size", [10, 2_000_000])
def test_a_file_of_comments_passes_caddy(proxied, size):
    port, upstream = proxied
    answer = _posted(port, "/add/file/", size)
    assert (answer.status, upstream.read) == (200, size)
    assert answer.read() in (b"127.0.0.1", b"::1"), "what a visitor says of itself does not count"


@needs_caddy
def test_nothing_else_that_is_large_does(proxied):
    port, upstream = proxied
    assert _posted(port, "/accounts/log-in/", 1000).status == 200
    answer = _posted(port, "/accounts/log-in/", 2_000_000)
    assert answer.status in (413, 502), "older versions take their own limit for a fault behind"
    assert upstream.read <= 1_000_000


def _posted(port, path, size):
    connection = http.client.HTTPConnection("localhost", port, timeout=30)
    connection.request("POST", path, b"x" * size, {"X-Forwarded-For": "198.51.100.7"})
    return connection.getresponse()
