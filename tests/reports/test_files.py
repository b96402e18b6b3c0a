from __future__ import annotations

import pytest

from roomtone.errors import RoomtoneError
from roomtone.reports.files import replace_file


def test_a_file_is_replaced_and_nothing_else_is_left(tmp_path):
    path = tmp_path / "new folder" / "report.html"
    for content in (b"first", b"second"):
        replace_file(path, content)
        assert path.read_bytes() == content
    assert [found.name for found in path.parent.iterdir()] == ["report.html"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "figures").write_text("a file where a folder should be")
    with pytest.raises(RoomtoneError, match=r"figures.*cannot be written"):
        replace_file(tmp_path / "figures" / "a.png", b"")
