"""Clients that ask one web server, each as soon as it has its last answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException

import numpy as np


@dataclass(frozen=True)
class Request:
    """What clients ask for.

    Attributes
    ----------
    name : str
        What tables call it.
    method, path : str
        Of HTTP.
    headers : mapping of str to str
        Sent along.
    body : bytes or None
        Likewise.
    """

    name: str
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes | None = None


@dataclass(frozen=True)
class Load:
    """How a server bore so many clients.

    Attributes
    ----------
    rate : float
        Requests answered in a second.
    p50, p95 : float
        Percentiles of the time that an answer took, in milliseconds.
    requests, errors : int
        How many were answered, and how many not, or not with status 200.
    first_error : str
        What went wrong first; empty where nothing did.
    """

    rate: float
    p50: float
    p95: float
    requests: int
    errors: int
    first_error: str


class _Client(threading.Thread):
    def __init__(self, port: int, request: Request, begin: threading.Barrier, seconds: float):
        super().__init__(daemon=True)
        self.port, self.request, self.begin, self.seconds = port, request, begin, seconds
        self.times: list[float] = []
        self.errors: list[str] = []

    def run(self) -> None:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        self._ask(connection)  # the first answer opens the connection, and is not counted
        self.times.clear()
        self.begin.wait()
        end = time.perf_counter() + self.seconds
        self._ask(connection)  # once also where the machine stands still for all that time
        while time.perf_counter() < end:
            self._ask(connection)
        connection.close()

    def _ask(self, connection: HTTPConnection) -> None:
        asked, request = time.perf_counter(), self.request
        try:
            connection.request(request.method, request.path, request.body, dict(request.headers))
            answer = connection.getresponse()
            text = answer.read()
            if answer.status != 200:
                self.errors.append(f"status {answer.status}: {text[:200]!r}")
        except (OSError, HTTPException) as error:
            self.errors.append(f"{type(error).__name__}: {error}")
            connection.close()
        self.times.append(time.perf_counter() - asked)


def put_under_load(port: int, request: Request, clients: int, seconds: float) -> Load:
    """Let so many clients ask for so long.

    Parameters
    ----------
    port : int
        Where the server listens on this machine.
    request : Request
        What all of them ask for.
    clients : int
        How many ask at once, each on a connection that it keeps.
    seconds : float
        How long; each asks at least once.
    """
    begin = threading.Barrier(clients + 1)
    threads = [_Client(port, request, begin, seconds) for _ in range(clients)]
    for thread in threads:
        thread.start()
    begin.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    times = np.array([value for thread in threads for value in thread.times])
    errors = [error for thread in threads for error in thread.errors]
    p50, p95 = np.percentile(times, [50, 95]) * 1000
    return Load(
        rate=(len(times) - len(errors)) / took,
        p50=float(p50),
        p95=float(p95),
        requests=len(times),
        errors=len(errors),
        first_error=errors[0] if errors else "",
    )
