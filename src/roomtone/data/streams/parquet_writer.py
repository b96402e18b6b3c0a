"""Rows as Parquet: kept as Arrow streams until all are there, then put together."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from roomtone.data.streams.chunks import Added, Chunk
from roomtone.data.streams.writers import Columns, RowWriter, as_field
from roomtone.errors import require

GROUP_ROWS, GROUP_BYTES = 65_536, 2**26


class ParquetWriter(RowWriter):
    """A Parquet file, which ends with an index of all its row groups and so cannot be gone on with.

    The part is therefore a sequence of small Arrow streams, each complete in itself; the file is
    made from them at the end, a row group at a time.

    Parameters
    ----------
    columns, added
        As for `RowWriter`.
    schema : pyarrow.Schema, optional
        Types of the columns; where not given, they are strings.

    Raises
    ------
    MissingExtraError
        If pyarrow is not installed.
    """

    def __init__(
        self, columns: Sequence[str], added: Sequence[Added], *, schema: Any = None
    ) -> None:
        super().__init__(columns, added)
        self._arrow = require("pyarrow", extra="parquet", purpose="Writing Parquet files")
        arrow = self._arrow
        kinds = {
            "text": arrow.string(),
            "number": arrow.float64(),
            "flag": arrow.bool_(),
            "texts": arrow.list_(arrow.string()),
        }
        old = schema or arrow.schema([(name, arrow.string()) for name in self.columns])
        new = [arrow.field(column.name, kinds[column.kind]) for column in added]
        self._schema = arrow.schema([*old, *new], metadata=old.metadata)

    def encode(self, chunk: Chunk, values: Columns) -> bytes:
        """Return the rows as an Arrow stream; see `RowWriter.encode`."""
        arrow = self._arrow
        if chunk.table is not None:
            old = chunk.table.columns
        else:
            old = [list(map(_as_text, column)) for column in zip(*chunk.rows(), strict=True)]
        arrays = [
            column if isinstance(column, arrow.ChunkedArray) else arrow.array(column, field.type)
            for column, field in zip([*old, *values], self._schema, strict=True)
        ]
        table = arrow.Table.from_arrays(arrays, schema=self._schema)
        sink = io.BytesIO()
        with arrow.ipc.new_stream(sink, self._schema) as stream:
            stream.write_table(table)
        return sink.getvalue()

    def assembler(self, part: Path) -> Callable[[BinaryIO], None]:
        """Return what writes the Parquet file."""
        parquet = require("pyarrow.parquet", extra="parquet", purpose="Writing Parquet files")

        def write(target: BinaryIO) -> None:
            with part.open("rb") as source, parquet.ParquetWriter(target, self._schema) as file:
                for group in self._groups(source):
                    file.write_table(group, row_group_size=GROUP_ROWS)

        return write

    def _groups(self, source: BinaryIO) -> Iterator[Any]:
        """Collect chunks until they make a row group."""
        waiting: list[Any] = []
        rows = size = 0
        for table in self._tables(source):
            if waiting and (
                rows + table.num_rows > GROUP_ROWS or size + table.nbytes > GROUP_BYTES
            ):
                yield self._arrow.concat_tables(waiting)
                waiting, rows, size = [], 0, 0
            waiting.append(table)
            rows += table.num_rows
            size += table.nbytes
        if waiting:
            yield self._arrow.concat_tables(waiting)

    def _tables(self, source: BinaryIO) -> Iterator[Any]:
        while source.peek(1):  # type: ignore[attr-defined]
            with self._arrow.ipc.open_stream(source) as stream:
                yield stream.read_all()


def _as_text(value: object) -> str | None:
    if value is None:
        return None
    return as_field(value).encode("utf-8", "roomtone.substitute").decode("utf-8")
