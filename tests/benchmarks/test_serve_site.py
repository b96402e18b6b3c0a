from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any

import pytest

pytest.importorskip("django", reason="the site needs: pip install 'roomtone[site]'")


class EveryThirdFails(BaseHTTPRequestHandler):
    """A server that keeps connections, counts, and fails at times."""

    protocol_version = "HTTP/1.1"
    counting = Lock()  # each connection has a thread
    seen = failed = 0

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        kind = type(self)
        with kind.counting:
            kind.seen += 1
            fails = kind.seen > 3 and kind.seen % 3 == 0
            kind.failed += fails
        self.send_response(500 if fails else 200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: Any) -> None:
        pass


def test_every_answer_is_counted_and_every_failure() -> None:
    from load import Request, put_under_load

    server = ThreadingHTTPServer(("127.0.0.1", 0), EveryThirdFails)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        request = Request("r", "POST", "/", {}, b"body")
        found = put_under_load(server.server_port, request, clients=3, seconds=0.3)
    finally:
        server.shutdown()
        server.server_close()
    assert found.requests == EveryThirdFails.seen - 3  # the first of each client opens its way
    assert found.errors == EveryThirdFails.failed == EveryThirdFails.seen // 3 - 1 > 0
    assert found.first_error.startswith("status 500")
    assert 0 < found.p50 <= found.p95
    gone = put_under_load(server.server_port, request, clients=1, seconds=0.05)
    assert gone.errors >= gone.requests > 0
    assert "refused" in gone.first_error.lower()


@pytest.mark.slow
def test_the_site_is_started_and_bears_some_clients(script: Any, tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    options = ("--seconds", "0.3", "--clients", "1", "3", "--comments", "60")
    done = script("serve_site.py", "--databases", "sqlite", *options, "--json", path)
    found = json.loads(path.read_text("utf-8"))
    assert [row["clients"] for row in found] == [1, 3] * 3
    assert {row["errors"] for row in found} == {0}
    assert all(row["rate"] > 0 for row in found)
    assert "page of a video" in done.stdout
