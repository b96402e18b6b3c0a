"""What is written is read back the same, whatever the format that it came from."""

import csv
import gzip
import io
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roomtone.data.streams import Added, Chunk, ChunkSize, Format, Layout, open_stream, open_writer
from roomtone.data.streams.writers import CsvWriter, Gzipped, JsonWriter, as_field

ADDED = (
    Added("label", "text"),
    Added("score", "number"),
    Added("known", "flag"),
    Added("labels", "texts"),
)
VALUES = (["Good", None], [0.25, None], [True, None], [("Good", "Bad"), None])


def chunk_of(*rows):
    count = len(rows)
    return Chunk(list(range(count)), [""] * count, [""] * count, lambda: iter(rows))


def test_a_csv_row_has_nothing_for_none_and_words_for_flags_and_sets():
    writer = CsvWriter(("a", "b"), ADDED)
    data = writer.head() + writer.encode(chunk_of((1, "x"), (None, 'say "hi"')), VALUES)
    assert data.decode() == (
        'a,b,label,score,known,labels\n1,x,Good,0.25,true,Good|Bad\n,"say ""hi""",,,,\n'
    )


text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=10)


@given(st.lists(text, max_size=12), st.sampled_from(",;\t|"))
def test_csv_is_read_back_with_every_character(texts, delimiter):
    writer = CsvWriter(("a",), ADDED[:1], delimiter=delimiter)
    rows = [(value,) for value in texts]
    data = writer.encode(chunk_of(*rows), [texts])
    found = list(csv.reader(io.StringIO(data.decode(), newline=""), delimiter=delimiter))
    assert found == [[value, value] for value in texts]


def test_what_cannot_be_encoded_becomes_a_sign_of_its_own():
    rows = chunk_of(("bad \udcff\ud83d",))
    for writer in (CsvWriter(("a",), ADDED[:1]), JsonWriter(("a",), ADDED[:1])):
        assert "bad \ufffd\ufffd" in writer.encode(rows, [[None]]).decode()


def test_an_object_keeps_the_spelling_that_it_had():
    chunk = chunk_of((), (), ("{",))
    chunk.objects = ['{"text": "a", "n": 1.10, "n": 2e3 }', "{ }", ""]
    writer = JsonWriter(("text",), ADDED[:1])
    chunk.rows = lambda: iter([("a",), (None,), ("{",)])
    assert writer.encode(chunk, [["Good", None, None]]).decode().splitlines() == [
        '{"text": "a", "n": 1.10, "n": 2e3, "label": "Good"}',
        '{"label": null}',
        '{"text": "{", "label": null}',
    ]


def test_numbers_that_json_cannot_say_are_null():
    data = JsonWriter(("a",), ADDED[1:2]).encode(chunk_of((math.nan,), (math.inf,)), [[1, 2]])
    assert [json.loads(line)["a"] for line in data.splitlines()] == [None, None]


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, ""), (True, "true"), (1.5, "1.5"), ({"a": ["é"]}, '{"a": ["é"]}'), (b"\xff", "/w==")],
)
def test_values_in_csv(value, shown):
    assert as_field(value) == shown


def test_each_piece_is_a_gzip_member_whose_bytes_do_not_tell_the_time():
    pieces = [
        Gzipped(CsvWriter(("a",), ADDED[:1])).encode(chunk_of((n,)), [["x"]]) for n in (1, 1, 2)
    ]
    assert pieces[0] == pieces[1]
    assert gzip.decompress(b"".join(pieces)) == b"1,x\n1,x\n2,x\n"
    assert Gzipped(JsonWriter(("a",), ADDED)).head() == b""


def test_spreadsheets_are_kept_from_formulas_in_names_and_in_values():
    writer = CsvWriter(("=a", "b"), ADDED[:2], safe=True)
    data = writer.head() + writer.encode(
        chunk_of(("@x", -1), ("-1", None)), [["+y"] * 2, [-0.5] * 2]
    )
    assert data.decode().splitlines() == ["'=a,b,label,score", "'@x,-1,'+y,-0.5", "-1,,'+y,-0.5"]


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
@pytest.mark.parametrize("source", ["csv", "jsonl", "parquet"])
def test_rows_survive_the_way_through_any_two_formats(tmp_path, source, kind):
    pytest.importorskip("pyarrow")
    rows = [("1", "two\nlines, é"), ("", 'say "hi"'), ("=3", "😀")]
    path = tmp_path / "start.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("id", "text"), *rows])
    for number, form in enumerate((source, kind)):
        path = converted(path, tmp_path / f"{number}.{form}")
    stream = open_stream(str(path), Format(kind), Layout(), (), fixed=True).stream
    assert stream.columns == ("id", "text", "n0", "n1")
    assert [tuple(row[:2]) for chunk in stream.chunks(ChunkSize()) for row in chunk.rows()] == rows


def converted(source, target):
    added = (Added(f"n{target.stem}", "number"),)
    forms = [Format(path.suffix[1:]) for path in (source, target)]
    stream = open_stream(str(source), forms[0], Layout(), added, fixed=True).stream
    writer = open_writer(forms[1], stream, added)
    part = target.with_suffix(".part")
    with part.open("wb") as file:
        file.write(writer.head())
        for chunk in stream.chunks(ChunkSize(2)):
            file.write(writer.encode(chunk, [[1.5] * len(chunk)]))
    assemble = writer.assembler(part)
    if assemble is None:
        part.replace(target)
    else:
        with target.open("wb") as file:
            assemble(file)
    return target
