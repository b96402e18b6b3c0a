"""Scoring whole files: every input row gives one output row, the same however it is done."""

import csv
import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from roomtone.data.streams import ChunkSize, Layout
from roomtone.engines import RawScores, SentimentEngine
from roomtone.engines import partial as partial_module
from roomtone.engines.scoring import Stopped
from roomtone.engines.stream import ScoreOptions, is_pipe, score_file
from roomtone.engines.validation import ValidationScores
from roomtone.errors import DataError, RoomtoneError
from roomtone.stats import Calibration

NAMES = ("negative", "neutral", "positive")


class Lengths(SentimentEngine):
    def __init__(self):
        super().__init__("lengths", NAMES)

    def raw(self, texts):
        scores = np.array([[0, len(text) % 3, len(text) % 5] for text in texts], dtype=float)
        return RawScores(scores, np.array(["?" not in text for text in texts]))


def score(source, target, **options):
    stop = options.pop("stop", lambda: False)
    watch = options.pop("watch", lambda rows, fraction: None)
    model = options.pop("model", {"name": "lengths"})
    engine = options.pop("engine", Lengths())
    options = ScoreOptions(**options)
    return score_file(
        engine, str(source), str(target), options, model=model, stop=stop, watch=watch
    )


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "in.csv"
    rows = ["id,text", '1,"two\nlines"', "2,", '"open,3', "4,what?", "", "5,a,b", "6,last"]
    path.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    return path


def read(path):
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as file:
        if ".jsonl" in path.name:
            return [json.loads(line) for line in file]
        return list(csv.DictReader(file))


def test_every_row_gives_one_row_with_the_scores_that_the_engine_gives(source):
    target = source.with_name("out.csv")
    tally = score(source, target)
    rows = read(target)
    assert [row["id"] for row in rows] == ["1", "2", "", "4", "", "5", "6"]
    assert [row["status"] for row in rows] == ["ok", "bad", "bad", "ok", "bad", "bad", "ok"]
    assert rows[2]["text"] == '"open,3'
    for row, result in zip(
        [rows[0], rows[3], rows[6]],
        Lengths().batch_analyze(["two\nlines", "what?", "last"]),
        strict=True,
    ):
        assert row["label"] == result.label
        assert float(row["score"]) == pytest.approx(result.score, abs=5e-7)
        assert [float(row[f"p_{name}"]) for name in NAMES] == pytest.approx(
            list(result.probs.values()), abs=5e-7
        )
        assert row["known"] == ("true" if result.known else "false")
    assert (tally.rows, tally.bad, tally.unknown) == (7, 4, 1)


@pytest.mark.parametrize("name", ["out.csv.gz", "out.jsonl", "out.jsonl.gz", "out.parquet"])
def test_all_formats_say_the_same(source, name):
    plain, target = source.with_name("out.csv"), source.with_name(name)
    score(source, plain)
    score(source, target)
    if name.endswith(".parquet"):
        rows = pytest.importorskip("pyarrow.parquet").read_table(target).to_pylist()
    else:
        rows = read(target)
    for row, expected in zip(rows, read(plain), strict=True):
        assert list(row) == list(expected)
        for key, value in row.items():
            shown = {None: "", True: "true", False: "false"}.get(value, value)
            assert expected[key] == str(shown)


def test_nothing_depends_on_the_size_of_chunks_and_batches(source):
    targets = [source.with_name(f"out{n}.csv") for n in range(3)]
    score(source, targets[0])
    score(source, targets[1], size=ChunkSize(rows=2), batch_size=1)
    score(source, targets[2], size=ChunkSize(characters=3))
    assert len({target.read_bytes() for target in targets}) == 1


@pytest.mark.parametrize("name", ["out.csv", "out.csv.gz", "out.jsonl", "out.parquet"])
def test_from_every_state_and_every_cut_the_same_bytes_come_out(
    source, name, monkeypatch, tmp_path_factory
):
    """A kill leaves a state, the bytes that it counts, and any number of those that follow."""
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow")
    monkeypatch.setattr(partial_module, "SECONDS_BETWEEN_STATES", 0)
    target = source.with_name(name)
    part, state = source.with_name(f".{name}.part"), source.with_name(f".{name}.state.json")
    left = []

    def watch(rows, fraction):
        if state.exists():
            left.append((part.read_bytes(), state.read_bytes()))

    small = {"size": ChunkSize(rows=2), "overwrite": True}
    score(source, target, watch=watch, **small)
    whole = target.read_bytes()
    assert len(left) == 5, "the head, and four chunks"
    for (before, saved), (after, _) in zip(left, [*left[1:], left[-1]], strict=True):
        added = len(after) - len(before)
        for kept in sorted({0, 1, added // 2, max(added - 1, 0), added}):
            part.write_bytes(after[: len(before) + kept])
            state.write_bytes(saved)
            seen = []
            tally = score(
                source, target, watch=lambda rows, fraction, seen=seen: seen.append(rows), **small
            )
            assert target.read_bytes() == whole
            assert seen[0] == json.loads(saved)["tally"]["rows"]
            assert (tally.rows, tally.bad) == (7, 4)
            assert not part.exists()
            assert not state.exists()


@given(st.lists(st.booleans(), max_size=12))
def test_stopping_and_going_on_any_number_of_times_changes_nothing(tmp_path_factory, stops):
    folder = tmp_path_factory.mktemp("stops")
    source, target = folder / "in.csv", folder / "out.csv"
    source.write_text("text\n" + "".join(f"{'x' * (n % 7)}\n" for n in range(30)), "utf-8")
    score(source, folder / "whole.csv", size=ChunkSize(rows=3))
    answers = iter(stops)
    for _ in range(len(stops) + 1):
        try:
            score(source, target, size=ChunkSize(rows=3), stop=lambda: next(answers, False))
        except Stopped:
            assert not target.exists()
        else:
            break
    assert target.read_bytes() == (folder / "whole.csv").read_bytes()


def stop_after_two():
    count = iter([False, True])
    return lambda: next(count, True)


def test_what_has_changed_between_two_processes_is_named(source):
    target = source.with_name("out.csv")
    with pytest.raises(Stopped):
        score(source, target, size=ChunkSize(rows=2), stop=stop_after_two())
    with pytest.raises(RoomtoneError, match="chunk_rows was 2, now 3"):
        score(source, target, size=ChunkSize(rows=3))
    with pytest.raises(RoomtoneError, match="columns was not given, now text"):
        score(source, target, size=ChunkSize(rows=2), layout=Layout(columns=("text",)))
    source.write_text(source.read_text("utf-8") + "7,more\n", "utf-8")
    with pytest.raises(RoomtoneError, match="the input is another one, or was altered"):
        score(source, target, size=ChunkSize(rows=2))
    score(source, target, size=ChunkSize(rows=2), restart=True)
    assert len(read(target)) == 8


class Saved(Lengths):
    """One that can be saved, with a setting and a file."""

    def __init__(self, setting=1, content=b"a"):
        super().__init__()
        self.setting, self.content = setting, content

    def settings(self):
        return {"setting": self.setting}

    def files(self):
        return {"content.bin": self.content}


def recalibrated():
    engine = Saved()
    engine.calibration = Calibration.from_dict(
        {**engine.calibration.to_dict(), "kind": "temperature", "scale": [0.5, 0.5, 0.5]}
    )
    return engine


def revalidated():
    engine = Saved()
    engine.validation = ValidationScores(np.array([0.5]), np.array([0.5]))
    return engine


@pytest.mark.parametrize(
    "other", [lambda: Saved(2), lambda: Saved(1, b"b"), recalibrated, revalidated]
)
def test_another_engine_of_the_same_name_does_not_go_on(source, other):
    target = source.with_name("out.csv")
    small = {"size": ChunkSize(rows=2), "model": None}
    with pytest.raises(Stopped):
        score(source, target, engine=Saved(), stop=stop_after_two(), **small)
    with pytest.raises(RoomtoneError, match="the model is another one, or was altered"):
        score(source, target, engine=other(), **small)
    assert score(source, target, engine=Saved(), **small).rows == 7


def test_an_engine_that_nothing_tells_from_others_does_not_go_on(source):
    target = source.with_name("out.csv")
    small = {"size": ChunkSize(rows=2), "model": None}
    with pytest.raises(Stopped):
        score(source, target, stop=stop_after_two(), **small)
    with pytest.raises(RoomtoneError, match=r"'lengths' \(Lengths\) cannot be saved.*model="):
        score(source, target, **small)
    assert score(source, target, restart=True, **small).rows == 7


def test_an_input_that_is_written_to_meanwhile_is_noticed(source):
    def watch(rows, fraction):
        with source.open("a", encoding="utf-8") as file:
            file.write("8,late\n")

    with pytest.raises(DataError, match="was changed while it was read"):
        score(source, source.with_name("out.csv"), watch=watch)
    assert not source.with_name("out.csv").exists()


@pytest.mark.parametrize(
    ("target", "options", "expected"),
    [
        ("in.csv", {}, "is the input itself"),
        (".", {}, "is a folder"),
        ("out.txt", {}, "--output_format"),
        ("out.jsonl", {"safe_for_spreadsheets": True}, "--safe_for_spreadsheets concerns CSV"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(source, target, options, expected):
    with pytest.raises(DataError, match=expected):
        score(source, source.parent / target, **options)
    assert [path.name for path in source.parent.iterdir()] == ["in.csv"]


def test_a_header_alone_gives_a_header_alone(tmp_path):
    (tmp_path / "in.csv").write_text("text\n", "utf-8")
    assert score(tmp_path / "in.csv", tmp_path / "out.csv").rows == 0
    assert (tmp_path / "out.csv").read_text("utf-8").count("\n") == 1


def test_a_link_is_followed_and_not_replaced(source):
    real, link = source.with_name("real.csv"), source.with_name("link.csv")
    real.write_text("old", "utf-8")
    link.symlink_to(real)
    score(source, link, overwrite=True)
    assert link.is_symlink()
    assert len(read(real)) == 7


def test_devices_and_pipes_are_written_to_at_once():
    assert is_pipe("-")
    assert is_pipe("/dev/null")
    assert not is_pipe(str(Path(__file__)))
    assert not is_pipe("no/such/file.csv")
