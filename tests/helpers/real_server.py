"""The site behind its real web server, with the database that the tests use."""

from __future__ import annotations

import http.client
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from waiting import free_port, wait_for
from worker_processes import worker_environment


@contextmanager
def served(folder: Path, *options: str, **variables: str) -> Iterator[int]:
    """Serve the site as an installation does, `folder` being its own; gives the port.

    What the server writes goes to ``server.log`` in that folder.
    """
    environment = worker_environment(folder, **variables)
    collect = (sys.executable, "-m", "roomtone_site", "collectstatic", "--noinput", "-v0")
    subprocess.run(collect, env=environment, check=True)
    port = free_port()
    serve = (
        *(sys.executable, "-m", "granian", "roomtone_site.config.wsgi:application"),
        *("--interface", "wsgi", "--no-ws", "--host", "127.0.0.1", "--port", str(port), *options),
    )
    with (
        (folder / "server.log").open("wb") as log,
        subprocess.Popen(serve, env=environment, stdout=log, stderr=log) as process,
    ):
        try:
            wait_for(lambda: process.poll() is not None or _answers(port))
            assert process.poll() is None, (folder / "server.log").read_text("utf-8")
            yield port
        finally:
            process.terminate()


def _answers(port: int) -> bool:
    try:
        connection = http.client.HTTPConnection("localhost", port, timeout=5)
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
