from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from waiting import wait_for

from roomtone.errors import RoomtoneError
from roomtone_site.running.processes import Processes, Program

# Writes its id to a file, and then does what it is told.
SCRIPT = """
import os, signal, sys, time
{setup}
path = sys.argv[1]
with open(path + ".part", "w") as file:
    file.write(str(os.getpid()))
os.rename(path + ".part", path)
{then}
"""
WAIT = "time.sleep(600)"
DEAF = "signal.signal(signal.SIGTERM, signal.SIG_IGN)"
TIDY = (
    "signal.signal(signal.SIGTERM, lambda *_: (open(sys.argv[1] + '.tidy', 'w').close(), exit()))"
)


def program(path, then=WAIT, setup=""):
    command = (sys.executable, "-c", SCRIPT.format(setup=setup, then=then), str(path))
    return Program(path.name, command)


def pid_in(path):
    wait_for(path.exists)
    return int(path.read_text())


def is_running(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):  # before it is read, or while
        return False
    return state != "Z"


def gone_soon(pid):
    wait_for(lambda: not is_running(pid))
    return True


linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


@linux
def test_all_may_finish_what_they_are_at(tmp_path):
    paths = [tmp_path / name for name in "ab"]
    with Processes([program(path, setup=TIDY) for path in paths], os.environ):
        pids = [pid_in(path) for path in paths]
        assert all(map(is_running, pids))
    assert not any(map(is_running, pids))
    assert all(path.with_name(f"{path.name}.tidy").exists() for path in paths)


@linux
def test_one_that_does_not_finish_is_killed(tmp_path):
    with Processes([program(tmp_path / "deaf", setup=DEAF)], os.environ, grace=0.2):
        pid = pid_in(tmp_path / "deaf")
    assert not is_running(pid)


@linux
def test_where_one_ends_by_itself_all_are_stopped(tmp_path):
    programs = [program(tmp_path / "stays"), program(tmp_path / "ends", "sys.exit(3)")]
    with Processes(programs, os.environ) as processes:
        pid = pid_in(tmp_path / "stays")
        with pytest.raises(RoomtoneError, match=r"the ends has ended by itself \(exit code 3\)"):
            processes.watch(lambda: False)
    assert not is_running(pid)


def test_they_are_stopped_when_it_is_asked_for(tmp_path):
    with Processes([program(tmp_path / "a")], os.environ) as processes:
        pid_in(tmp_path / "a")
        processes.watch(lambda: True)


@linux
def test_none_outlives_a_process_that_is_killed(tmp_path):
    code = (
        "import os, sys, time; from pathlib import Path; "
        f"sys.path[:0] = {sys.path!r}; "
        "from roomtone_site.running.processes import Processes, Program; "
        f"command = {program(tmp_path / 'child').command!r}; "
        "Processes([Program('child', command)], os.environ).__enter__(); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code])
    pid = pid_in(tmp_path / "child")
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    assert gone_soon(pid)
