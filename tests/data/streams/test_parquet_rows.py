"""Parquet as a stream: rows of every group, types kept, what cannot be scored told."""

import datetime

import pytest

from roomtone.data.streams import ChunkSize, Format, Layout, open_stream
from roomtone.errors import DataError

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")


def open_parquet(path, **layout):
    form = Format("parquet")
    return open_stream(str(path), form, Layout(**layout), (), fixed=True).stream


def rows_of(stream, size=None):
    for chunk in stream.chunks(size or ChunkSize()):
        yield from zip(chunk.places, chunk.texts, chunk.problems, chunk.rows(), strict=True)


def write(tmp_path, columns, **options):
    path = tmp_path / "in.parquet"
    pq.write_table(columns if isinstance(columns, pa.Table) else pa.table(columns), path, **options)
    return path


@pytest.mark.parametrize(
    "kind", [pa.string(), pa.large_string(), pa.dictionary(pa.int8(), pa.string())]
)
def test_rows_are_numbered_through_all_groups_and_missing_ones_are_told(tmp_path, kind):
    texts = ["a", None, "", "d", " ", "f", "g"]
    column = pa.array(texts).cast(kind)
    path = write(tmp_path, {"n": list(range(7)), "text": column}, row_group_size=3)
    found = list(rows_of(open_parquet(path), ChunkSize(2)))
    assert [(place, text, why) for place, text, why, _ in found] == [
        (1, "a", ""),
        (2, "", "missing text"),
        (3, "", "empty text"),
        (4, "d", ""),
        (5, "", "empty text"),
        (6, "f", ""),
        (7, "g", ""),
    ]
    assert [row for *_, row in found] == list(enumerate(texts))


@pytest.mark.parametrize("done", [0, 2, 3, 5, 6, 7])
def test_after_skipping_whole_chunks_the_rest_is_the_same(tmp_path, done):
    path = write(tmp_path, {"text": [f"row {n}" for n in range(7)]}, row_group_size=3)
    whole = list(rows_of(open_parquet(path), ChunkSize(2)))
    stream = open_parquet(path)
    stream.skip(done)
    assert stream.fraction() == done / 7
    assert list(rows_of(stream, ChunkSize(2))) == whole[done:]


def test_a_group_of_long_texts_is_read_in_smaller_pieces(tmp_path):
    path = write(tmp_path, {"text": [f"{n}" * 1000 for n in range(50)]}, compression="none")
    sizes = [len(chunk) for chunk in open_parquet(path).chunks(ChunkSize(50, 4000))]
    assert sum(sizes) == 50
    assert max(sizes) <= 4


def test_columns_of_other_types_and_files_of_other_kinds_are_refused_in_words(tmp_path):
    with pytest.raises(DataError, match="column 'text' holds int64, not strings"):
        open_parquet(write(tmp_path, {"text": [1, 2]}))
    with pytest.raises(DataError, match=r"no column 'text'; did you mean 'texts'"):
        open_parquet(write(tmp_path, {"texts": ["a"]}))
    twice = pa.Table.from_arrays([pa.array(["a"])] * 3, names=["text", "b", "b"])
    with pytest.raises(DataError, match="two columns have the same name"):
        open_parquet(write(tmp_path, twice))
    path = write(tmp_path, {"text": ["a"] * 1000})
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(DataError, match="cannot be read as a Parquet file"):
        open_parquet(path)


def test_damage_inside_the_file_is_an_error_in_words(tmp_path):
    path = write(tmp_path, {"text": [f"row {n}" for n in range(1000)]})
    data = bytearray(path.read_bytes())
    data[20:2000] = bytes(1980)
    path.write_bytes(data)
    with pytest.raises(DataError, match="cannot be read as a Parquet file"):
        list(rows_of(open_parquet(path)))


def test_bytes_that_are_not_valid_cost_their_own_row_alone(tmp_path):
    raw = pa.array([b"fine", b"bad \xff", None], pa.binary())
    text = pa.Array.from_buffers(pa.string(), 3, raw.buffers())
    found = [
        (text, why) for _, text, why, _ in rows_of(open_parquet(write(tmp_path, {"text": text})))
    ]
    assert found == [("fine", ""), ("", "bytes that are not valid utf-8"), ("", "missing text")]


def test_times_come_as_text_to_the_last_nanosecond(tmp_path):
    at = pa.array([1_700_000_000_123_456_789], pa.timestamp("ns"))
    day = pa.array([datetime.date(2024, 2, 29)])
    path = write(tmp_path, {"text": ["a"], "at": at, "day": day})
    [(*_, row)] = rows_of(open_parquet(path))
    assert row == ("a", "2023-11-14 22:13:20.123456789", "2024-02-29")
