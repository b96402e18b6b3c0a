"""Processes that run beside each other and stop together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from roomtone.errors import RoomtoneError

_POLL = 0.1
# PR_SET_PDEATHSIG outlasts exec. In a program of its own, and not between fork and exec, where a
# lock that a thread of this process holds is held for ever.
_TIE = f"""
import ctypes, os, sys
ctypes.CDLL(None).prctl(1, {int(signal.SIGTERM)})
if os.getppid() == int(sys.argv[1]):
    os.execv(sys.argv[2], sys.argv[2:])
"""


@dataclass(frozen=True)
class Program:
    """A program to run.

    Attributes
    ----------
    name : str
        What messages call it.
    command : sequence of str
        Its command line, the program by its whole path.
    """

    name: str
    command: Sequence[str]


class Processes:
    """Some programs, started together; where one ends, or it is asked for, all are stopped.

    Each is in a session of its own, so that Ctrl-C reaches this process alone, which then asks
    each to finish; on Linux none outlives this process, however it ends.

    Parameters
    ----------
    programs : sequence of Program
        What to run.
    environment : mapping of str to str
        For all of them.
    grace : float
        Seconds in which they may finish what they are at before they are killed.
    """

    def __init__(
        self, programs: Sequence[Program], environment: Mapping[str, str], *, grace: float = 30.0
    ) -> None:
        self._programs = programs
        self._environment = dict(environment)
        self._grace = grace
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Processes:
        try:
            for program in self._programs:
                self._running[program.name] = subprocess.Popen(
                    _tied(program.command),
                    env=self._environment,
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,
                )
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def check(self) -> None:
        """Make sure that all are running.

        Raises
        ------
        RoomtoneError
            If one has ended.
        """
        for name, process in self._running.items():
            code = process.poll()
            if code is not None:
                raise RoomtoneError(
                    f"the {name} has ended by itself (exit code {code}); what it printed says why"
                )

    def watch(self, stop: Callable[[], bool]) -> None:
        """Wait until it is asked for to stop; raises as `check` does."""
        while not stop():
            self.check()
            time.sleep(_POLL)

    def stop(self) -> None:
        """Ask all to finish, wait, and kill those that do not."""
        for process in self._running.values():
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + self._grace
        for process in self._running.values():
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._running.clear()


def _tied(command: Sequence[str]) -> list[str]:
    """Let the system end a program with this process, where it can."""
    if not sys.platform.startswith("linux"):
        return list(command)
    return [sys.executable, "-c", _TIE, str(os.getpid()), *command]
