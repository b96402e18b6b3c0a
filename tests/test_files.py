from __future__ import annotations

import pytest

from roomtone.errors import RoomtoneError
from roomtone.files import write_atomically, write_bytes


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
