"""CSV as a stream gives the rows that reading the whole file gives, and one for each bad row."""

import csv
import io
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roomtone.data.encodings import inspect_file
from roomtone.data.rows import Rows
from roomtone.data.streams import ChunkSize, Format, Layout, open_stream
from roomtone.data.streams import lines as lines_module
from roomtone.errors import DataError

CSV = Format("csv")


def open_csv(path, **layout):
    return open_stream(str(path), CSV, Layout(**layout), (), fixed=False).stream


def rows_of(stream, size=None):
    for chunk in stream.chunks(size or ChunkSize()):
        yield from zip(chunk.places, chunk.texts, chunk.problems, chunk.rows(), strict=True)


def write(tmp_path, text, **options):
    path = tmp_path / "in.csv"
    path.write_bytes(text.encode(options.get("encoding", "utf-8")))
    return path


def test_every_record_gives_one_row_whatever_is_wrong_with_it(tmp_path):
    path = write(
        tmp_path,
        'id,text\n1,"two\nlines"\n2,\n"open,3\n\n4,a,b\n5\n6, \n"7","x" y\n',
    )
    assert [(place, text, why, list(row)) for place, text, why, row in rows_of(open_csv(path))] == [
        (2, "two\nlines", "", ["1", "two\nlines"]),
        (4, "", "empty text", ["2", ""]),
        (5, "", "unbalanced quote", ["", '"open,3']),
        (6, "", "empty row", ["", ""]),
        (7, "", "3 fields instead of 2", ["4", "a"]),
        (8, "", "1 field instead of 2", ["5", ""]),
        (9, "", "empty text", ["6", " "]),
        (10, "x y", "", ["7", "x y"]),
    ]


fields = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


@given(st.lists(st.tuples(fields, fields), max_size=20), st.integers(1, 7), st.integers(1, 30))
def test_chunks_of_any_size_hold_the_rows_that_reading_the_whole_file_gives(
    tmp_path_factory, rows, size, characters
):
    path = tmp_path_factory.mktemp("any") / "in.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "other"), *rows])
    chunks = ChunkSize(size, characters)
    found = list(rows_of(open_csv(path), chunks))
    assert [tuple(row) for *_, row in found] == rows
    good = [text for _, text, why, _ in found if not why]
    if good:
        whole = Rows(inspect_file(path), max_rejected=len(rows))
        for line, (text,) in whole.read(("text",), delimiter="auto"):
            whole.keep(text, line)
        assert good == whole.texts
        assert [place for place, _, why, _ in found if not why] == list(whole.lines)


@given(st.text(st.sampled_from('ab",;\n\r '), max_size=60), st.integers(1, 4))
def test_any_text_gives_the_same_rows_after_skipping_whole_chunks(tmp_path_factory, text, size):
    path = tmp_path_factory.mktemp("any") / "in.csv"
    path.write_bytes(("text,b\n" + text).encode())
    chunks = list(open_csv(path).chunks(ChunkSize(size)))
    lengths = [len(chunk) for chunk in chunks]
    whole = list(rows_of(open_csv(path)))
    for count in range(len(chunks) + 1):
        stream = open_csv(path)
        stream.skip(sum(lengths[:count]))
        again = list(stream.chunks(ChunkSize(size)))
        assert [len(chunk) for chunk in again] == lengths[count:]
        rest = [list(row) for chunk in again for row in chunk.rows()]
        assert rest == [list(row) for *_, row in whole[sum(lengths[:count]) :]]


def test_kept_columns_come_in_the_order_asked_for_and_the_text_need_not_be_among_them(tmp_path):
    path = write(tmp_path, "a;Text;c\n1;hello;3\n")
    stream = open_csv(path, columns=("c", "a"))
    assert stream.columns == ("c", "a")
    assert stream.delimiter == ";"
    assert [(text, list(row)) for _, text, _, row in rows_of(stream)] == [("hello", ["3", "1"])]
    with pytest.raises(DataError, match="no column 'd'"):
        open_csv(path, columns=("d",))
    with pytest.raises(DataError, match=r"no column 'txt'; did you mean 'Text'.*--text_column"):
        open_csv(path, text_column="txt")


def test_bytes_that_are_not_valid_cost_their_own_row_alone(tmp_path):
    path = tmp_path / "in.csv"
    path.write_bytes("text\nschön\nüber\n".encode() + b"bad \xff\n" + "größer\n".encode())
    found = [(text, why) for _, text, why, _ in rows_of(open_csv(path))]
    assert found[2] == ("", "bytes that are not valid utf-8")
    assert [text for text, why in found if not why] == ["schön", "über", "größer"]


def test_a_quote_that_is_never_closed_does_not_hold_the_rest_of_the_file(tmp_path):
    row = "x" * 999 + ",1\n"
    path = write(tmp_path, 'text,b\n"open,1\n' + row * 30_000)
    stream = open_csv(path)
    tracemalloc.start()
    count = sum(len(chunk) for chunk in stream.chunks(ChunkSize(100)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 30_001
    assert peak < 15e6, f"{peak:,} bytes for a file of 30,000,000"


def test_a_line_without_an_end_is_refused_before_it_fills_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(lines_module, "LONGEST_LINE", 1000)
    path = write(tmp_path, "text\nfine\n" + "x" * 2000)
    with pytest.raises(DataError, match="line 3: longer than 1,000 characters"):
        list(rows_of(open_csv(path)))


def test_the_share_that_has_been_read_grows_to_one(tmp_path):
    path = write(tmp_path, "text\n" + "some words\n" * 20_000)
    stream = open_csv(path)
    shares = [stream.fraction() for _ in stream.chunks(ChunkSize(1000))]
    assert shares == sorted(shares)
    assert 0 < shares[0] < 0.2
    assert shares[-1] == 1


def test_a_pipe_is_read_with_the_encoding_that_its_first_bytes_tell(monkeypatch):
    class Standard:
        buffer = io.BufferedReader(io.BytesIO("text,b\nça va,1\n".encode("utf-16")))

    monkeypatch.setattr("sys.stdin", Standard)
    stream = open_csv("-")
    assert [text for _, text, _, _ in rows_of(stream)] == ["ça va"]
    assert stream.fraction() is None
