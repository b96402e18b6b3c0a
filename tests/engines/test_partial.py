"""A file that grows survives whatever ends the process, and belongs to one process at a time."""

import contextlib
import json
import os

import pytest

from roomtone.engines import partial as module
from roomtone.engines.partial import PartialFile
from roomtone.errors import RoomtoneError

FACTS = {"input": {"sha256": "ab"}, "model": {"digest": "cd"}, "options": {"prefix": ""}}


@pytest.fixture(autouse=True)
def _save_each_time(monkeypatch):
    monkeypatch.setattr(module, "SECONDS_BETWEEN_STATES", 0)


@pytest.fixture
def target(tmp_path):
    return tmp_path / "out.csv"


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def leave(target, *pieces, facts=FACTS, **options):
    """Write pieces, then end as a process does that is killed."""
    output = PartialFile(target, facts, **options)
    output.__enter__()
    for number, piece in enumerate(pieces, output.tally.get("rows", 0) + 1):
        output.append(piece, {"rows": number})
    output._stack.close()


def fail_after(target, facts, *pieces):
    with PartialFile(target, facts) as output:
        for number, piece in enumerate(pieces, 1):
            output.append(piece, {"rows": number})
        assert names(target.parent) == [".out.csv.part"]
        raise ValueError("on purpose")


def none(part):
    return None


def test_the_file_appears_when_it_is_whole_and_nothing_else_remains(target):
    with PartialFile(target, FACTS) as output:
        output.append(b"one\n", {"rows": 1})
        output.append(b"two\n", {"rows": 2})
        assert names(target.parent) == [".out.csv.part", ".out.csv.state.json"]
        output.finish(none)
    assert target.read_bytes() == b"one\ntwo\n"
    assert names(target.parent) == ["out.csv"]


@pytest.mark.parametrize("cut", range(5))
def test_what_was_written_behind_the_state_is_cut_off(target, cut):
    leave(target, b"one\n", b"two\n")
    with (target.parent / ".out.csv.part").open("ab") as part:
        part.write(b"half"[:cut])
    with PartialFile(target, FACTS) as output:
        assert (output.size, output.tally) == (8, {"rows": 2})
        output.append(b"three\n", {"rows": 3})
        output.finish(none)
    assert target.read_bytes() == b"one\ntwo\nthree\n"


def test_a_part_without_a_state_is_begun_again(target):
    (target.parent / ".out.csv.part").write_bytes(b"something longer than what comes")
    with PartialFile(target, FACTS) as output:
        assert output.size == 0
        output.append(b"one\n", {"rows": 1})
        output.finish(none)
    assert target.read_bytes() == b"one\n"


@pytest.mark.parametrize("part", ["input", "model", "options"])
def test_what_has_changed_is_named_and_nothing_is_touched(target, part):
    leave(target, b"one\n")
    before = {name: (target.parent / name).read_bytes() for name in names(target.parent)}
    with pytest.raises(RoomtoneError, match=r"out.csv: an unfinished .* --restart"):
        PartialFile(target, {**FACTS, part: {"digest": "other"}}).__enter__()
    assert {name: (target.parent / name).read_bytes() for name in names(target.parent)} == before


def test_restart_forgets_what_is_there(target):
    leave(target, b"one\n")
    with PartialFile(target, {**FACTS, "options": {}}, restart=True) as output:
        assert (output.size, output.tally) == (0, {})
        output.append(b"new\n", {"rows": 1})
        output.finish(none)
    assert target.read_bytes() == b"new\n"
    assert names(target.parent) == ["out.csv"]


def test_a_file_that_is_there_stays_unless_it_may_be_replaced(target):
    target.write_bytes(b"mine\n")
    with pytest.raises(RoomtoneError, match=r"already there.*--overwrite"):
        PartialFile(target, FACTS).__enter__()
    assert names(target.parent) == ["out.csv"]
    leave(target, b"one\n", overwrite=True)
    assert target.read_bytes() == b"mine\n"
    with PartialFile(target, FACTS, overwrite=True) as output:
        output.finish(none)
    assert target.read_bytes() == b"one\n"


def test_another_process_is_kept_out_until_this_one_ends(target):
    with PartialFile(target, FACTS) as output:
        output.append(b"one\n", {"rows": 1})
        reader, writer = os.pipe()
        if os.fork() == 0:
            try:
                PartialFile(target, FACTS).__enter__()
            except RoomtoneError as error:
                os.write(writer, str(error).encode())
            os._exit(0)
        os.wait()
        assert b"is being written by another process" in os.read(reader, 1000)
    with PartialFile(target, FACTS) as output:
        assert output.size == 4


def test_an_error_keeps_what_was_done_since_the_last_state(target, monkeypatch):
    monkeypatch.setattr(module, "SECONDS_BETWEEN_STATES", 1000)
    with pytest.raises(ValueError, match="on purpose"):
        fail_after(target, FACTS, b"one\n")
    with PartialFile(target, FACTS) as output:
        assert output.size == 4


def test_an_error_before_anything_was_done_leaves_nothing(target):
    with pytest.raises(ValueError, match="on purpose"):
        fail_after(target, FACTS)
    assert names(target.parent) == []


def test_what_cannot_be_read_again_is_not_kept(target):
    facts = {**FACTS, "input": {}}
    with pytest.raises(ValueError, match="on purpose"):
        fail_after(target, facts, b"one\n")
    assert names(target.parent) == []
    with PartialFile(target, facts) as output:
        output.append(b"one\n", {"rows": 1})
        output.finish(none)
    assert names(target.parent) == ["out.csv"]


def assembler(part):
    return lambda file: file.write(part.read_bytes().upper())


@pytest.mark.parametrize("kind", [none, assembler])
@pytest.mark.parametrize("at", range(8))
def test_a_process_that_ends_while_it_finishes_is_gone_on_with(target, monkeypatch, kind, at):
    """It ends before the system call with the number `at` of those that finishing makes."""
    left = at

    def ending(call):
        def wrapped(*arguments, **options):
            nonlocal left
            left -= 1
            if left < 0:
                raise KeyboardInterrupt
            return call(*arguments, **options)

        return wrapped

    output = PartialFile(target, FACTS)
    output.__enter__()
    output.append(b"one\n", {"rows": 1})
    with monkeypatch.context() as patch, contextlib.suppress(KeyboardInterrupt):
        for name in ("fsync", "replace", "unlink"):
            patch.setattr(os, name, ending(getattr(os, name)))
        output.finish(kind)
    output._stack.close()
    for _ in range(2):  # the second of them finds a file that is there
        if target.exists() and not (target.parent / ".out.csv.state.json").exists():
            break
        with PartialFile(target, FACTS) as output:
            assert output.tally == {"rows": 1}
            if not output.finished:
                output.finish(kind)
    assert target.read_bytes() == (b"one\n" if kind is none else b"ONE\n")
    assert names(target.parent) == ["out.csv"]


@pytest.mark.parametrize("state", [b"", b"{", b"[]", b'{"format": 2}', b'{"format": 1}'])
def test_a_damaged_state_is_an_error_in_words(target, state):
    leave(target, b"one\n")
    (target.parent / ".out.csv.state.json").write_bytes(state)
    with pytest.raises(RoomtoneError, match=r"is damaged or from another version.*--restart"):
        PartialFile(target, FACTS).__enter__()


def test_a_part_that_has_shrunk_is_an_error_in_words(target):
    leave(target, b"one\n")
    os.truncate(target.parent / ".out.csv.part", 2)
    with pytest.raises(RoomtoneError, match=r"shorter than it was \(2 of 4 bytes\).*--restart"):
        PartialFile(target, FACTS).__enter__()


def test_the_state_says_what_the_output_depends_on(target):
    leave(target, b"one\n")
    state = json.loads((target.parent / ".out.csv.state.json").read_bytes())
    assert state["facts"] == FACTS
    assert (state["size"], state["tally"], state["complete"]) == (4, {"rows": 1}, False)
