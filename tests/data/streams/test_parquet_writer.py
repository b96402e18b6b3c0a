"""Parquet files are put together from pieces, with the types that the columns had."""

import io

import pytest

from roomtone.data.streams import Added, ChunkSize, Format, Layout, open_stream, open_writer
from roomtone.data.streams import parquet_writer as module

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")
ADDED = (
    Added("label", "text"),
    Added("score", "number"),
    Added("known", "flag"),
    Added("labels", "texts"),
)


def scored(tmp_path, table, rows, **layout):
    source = tmp_path / "in.parquet"
    pq.write_table(table, source)
    stream = open_stream(str(source), Format("parquet"), Layout(**layout), ADDED, fixed=True).stream
    writer = open_writer(Format("parquet"), stream, ADDED)
    part = tmp_path / "part"
    with part.open("wb") as file:
        file.write(writer.head())
        for chunk in stream.chunks(ChunkSize(rows)):
            n = len(chunk)
            values = [[None, *["Good"] * (n - 1)], [0.5] * n, [True] * n, [("a", "b")] * n]
            file.write(writer.encode(chunk, values))
    target = io.BytesIO()
    writer.assembler(part)(target)
    target.seek(0)
    return target


def table_of(count):
    texts = [f"text {n % 5}" for n in range(count)]
    return pa.table(
        {
            "text": pa.array(texts).dictionary_encode(),
            "at": pa.array(range(count), pa.timestamp("us", tz="UTC")),
            "nested": pa.array([{"a": [n]} for n in range(count)]),
            "small": pa.array(range(count), pa.int16()),
        }
    ).replace_schema_metadata({"made": "by hand"})


def test_old_columns_keep_their_types_values_and_notes(tmp_path):
    before = table_of(23)
    after = pq.read_table(scored(tmp_path, before, 4))
    assert after.select(before.column_names).equals(before)
    assert after.schema.metadata[b"made"] == b"by hand"
    assert after.column_names[4:] == ["label", "score", "known", "labels"]
    assert [str(after.schema.field(n).type) for n in ("label", "score", "known")] == [
        "string",
        "double",
        "bool",
    ]
    assert after["labels"].to_pylist()[0] == ["a", "b"]
    assert after["label"].null_count == 6


def test_columns_that_are_not_kept_take_the_notes_with_them(tmp_path):
    after = pq.read_table(scored(tmp_path, table_of(5), 2, columns=("small",)))
    assert after.column_names[0] == "small"
    assert not after.schema.metadata


def test_chunks_are_collected_into_row_groups(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "GROUP_ROWS", 10)
    file = pq.ParquetFile(scored(tmp_path, table_of(23), 4))
    sizes = [file.metadata.row_group(n).num_rows for n in range(file.metadata.num_row_groups)]
    assert sizes == [8, 8, 7]


def test_a_table_without_rows_still_has_its_columns(tmp_path):
    after = pq.read_table(scored(tmp_path, table_of(0), 4))
    assert after.num_rows == 0
    assert after.column_names == ["text", "at", "nested", "small", *(c.name for c in ADDED)]


def test_pandas_reads_its_index_back(tmp_path):
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"text": ["a", "b"]}, index=pd.Index(["x", "y"], name="key"))
    after = pd.read_parquet(scored(tmp_path, pa.Table.from_pandas(frame), 2))
    assert list(after.index) == ["x", "y"]
    assert list(after["score"]) == [0.5, 0.5]
