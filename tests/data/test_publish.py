import errno
import os

import pytest

from roomtone.data.publish import publish, published
from roomtone.errors import DataError

STAMP = ".stamp.json"


def _writer(content):
    return lambda file: file.write(content)


def _publish(folder, settings, **contents):
    writers = {f"{name}.txt": _writer(content) for name, content in contents.items()}
    publish(folder, STAMP, settings, writers, lambda: {"files": len(writers)})


def test_published_files_are_known_by_their_settings_and_their_bytes(tmp_path):
    assert published(tmp_path, STAMP, {"a": 1}) is None
    _publish(tmp_path / "new/folder", {"a": 1}, one=b"1", two=b"2")
    assert published(tmp_path / "new/folder", STAMP, {"a": 1}) == {"files": 2}
    assert published(tmp_path / "new/folder", STAMP, {"a": 2}) is None
    assert {path.name for path in (tmp_path / "new/folder").iterdir()} == {
        "one.txt",
        "two.txt",
        STAMP,
    }


@pytest.mark.parametrize("spoil", ["alter", "remove", "damage the stamp", "empty the stamp"])
def test_files_that_are_no_longer_as_written_do_not_count(tmp_path, spoil):
    _publish(tmp_path, {}, one=b"1", two=b"2")
    if spoil == "alter":
        (tmp_path / "two.txt").write_bytes(b"3")
    elif spoil == "remove":
        (tmp_path / "two.txt").unlink()
    else:
        (tmp_path / STAMP).write_text("[]" if spoil == "empty the stamp" else '{"files": {"o')
    assert published(tmp_path, STAMP, {}) is None
    _publish(tmp_path, {}, one=b"1", two=b"2")
    assert published(tmp_path, STAMP, {}) is not None


def test_a_full_disk_leaves_the_earlier_files_and_nothing_else(tmp_path):
    _publish(tmp_path, {"a": 1}, one=b"1", two=b"2")

    def fail(file):
        file.write(b"half of")
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(DataError, match=r"cannot be written: .*No space left.*--output_dir"):
        publish(tmp_path, STAMP, {"a": 2}, {"one.txt": _writer(b"new"), "two.txt": fail}, dict)
    assert published(tmp_path, STAMP, {"a": 1}) == {"files": 2}
    assert len(list(tmp_path.iterdir())) == 3


def test_a_kill_between_two_renames_is_noticed_and_repaired(tmp_path):
    _publish(tmp_path, {"a": 1}, one=b"1", two=b"2")
    old = (tmp_path / "two.txt").read_bytes()
    _publish(tmp_path, {"a": 2}, one=b"3", two=b"4")
    (tmp_path / "two.txt").write_bytes(old)
    assert published(tmp_path, STAMP, {"a": 2}) is None
    _publish(tmp_path, {"a": 2}, one=b"3", two=b"4")
    assert published(tmp_path, STAMP, {"a": 2}) is not None


def test_what_a_killed_process_left_long_ago_is_swept_up_and_young_files_are_not(tmp_path):
    old, young, other = (tmp_path / f".{name}.part" for name in ("one.txt.1", "one.txt.2", "x.1"))
    for part in (old, young, other):
        part.touch()
    for part in (old, other):
        os.utime(part, (0, 0))
    _publish(tmp_path, {}, one=b"1")
    assert [part.exists() for part in (old, young, other)] == [False, True, True]


def test_a_users_own_file_of_the_same_name_is_never_overwritten(tmp_path):
    (tmp_path / "two.txt").write_bytes(b"a thesis")
    with pytest.raises(DataError, match=r"already holds two\.txt, not written by this command"):
        _publish(tmp_path, {}, one=b"1", two=b"2")
    assert [path.name for path in tmp_path.iterdir()] == ["two.txt"]
    assert (tmp_path / "two.txt").read_bytes() == b"a thesis"


def test_a_folder_that_is_a_file_is_an_error_that_names_it(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="file cannot be written"):
        _publish(tmp_path / "file", {}, one=b"1")
