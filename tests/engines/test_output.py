import os

import pytest

from roomtone.engines.output import PipeOutput, write_all
from roomtone.errors import RoomtoneError


def test_standard_output_gets_the_bytes_at_once_and_stays_open(capfd):
    with PipeOutput("-") as output:
        output.append(b"one\n", {})
        assert capfd.readouterr().out == "one\n"
        output.finish(lambda part: None)
        assert output.finished
        assert output.size == 4
    print("more", flush=True)
    assert capfd.readouterr().out == "more\n"


def test_a_full_device_is_named():
    with PipeOutput("/dev/full") as output, pytest.raises(RoomtoneError, match="/dev/full cannot"):
        output.append(b"one\n", {})


def test_a_reader_that_has_gone_is_left_to_the_caller(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with PipeOutput(str(path)) as output:
        os.close(reader)
        with pytest.raises(BrokenPipeError):
            output.append(b"one\n", {})


def test_all_is_written_also_where_the_system_takes_a_little_at_a_time(tmp_path, monkeypatch):
    real = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: real(handle, data[:3]))
    with (tmp_path / "out").open("wb") as file:
        write_all(file.fileno(), b"0123456789")
    assert (tmp_path / "out").read_bytes() == b"0123456789"
