from __future__ import annotations

from pathlib import Path

import pytest

from roomtone.errors import RoomtoneError
from roomtone.files import check_writable, write_atomically, write_bytes


def test_a_file_is_replaced_and_nothing_else_is_left(tmp_path):
    path = tmp_path / "new folder" / "report.html"
    for content in (b"first", b"second"):
        write_bytes(path, content)
        assert path.read_bytes() == content
    assert [found.name for found in path.parent.iterdir()] == ["report.html"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "figures").write_text("a file where a folder should be")
    with pytest.raises(RoomtoneError, match=r"figures.*cannot be written"):
        write_bytes(tmp_path / "figures" / "a.png", b"")


def test_a_writer_that_fails_leaves_the_old_file_and_no_litter(tmp_path):
    path = tmp_path / "history.json"
    write_bytes(path, b"old")

    def fail_halfway(stream):
        stream.write(b"ne")
        raise OSError(28, "No space left on device")

    with pytest.raises(RoomtoneError, match="No space left"):
        write_atomically(path, fail_halfway)
    assert path.read_bytes() == b"old"
    assert [found.name for found in tmp_path.iterdir()] == ["history.json"]


def test_a_folder_that_can_be_written_to_is_left_as_it_was(tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "mine").write_text("x")
    for place in ("there", "there/new", "a/b/c", "."):
        check_writable(tmp_path / place)
    assert [path.name for path in tmp_path.iterdir()] == ["there"]
    assert [path.name for path in (tmp_path / "there").iterdir()] == ["mine"]


@pytest.mark.parametrize("place", ["taken", "taken/below", "taken/far/below"])
def test_a_file_where_a_folder_is_needed_is_told(place, tmp_path):
    (tmp_path / "taken").write_text("mine")
    with pytest.raises(RoomtoneError, match=r"taken is a file, and a folder is needed"):
        check_writable(tmp_path / place)
    assert (tmp_path / "taken").read_text() == "mine"


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no /proc here")
def test_a_folder_that_cannot_be_made_is_told():
    with pytest.raises(RoomtoneError, match="/proc/x: cannot be written to"):
        check_writable(Path("/proc/x"))
