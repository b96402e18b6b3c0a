"""Parquet files as a stream of rows, a part of a row group at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from roomtone.data.columns import positions_of
from roomtone.data.streams.chunks import Chunk, ChunkSize, RowStream, text_problem
from roomtone.errors import DataError, require

_BUFFER = 2**20


class ParquetRows(RowStream):
    """The rows of a Parquet file.

    Parameters
    ----------
    path : Path
        The file.
    text_column : str
        The column that holds the texts, as strings.
    columns : sequence of str, optional
        Those that are kept; all of them where not given.

    Raises
    ------
    DataError
        If it is no Parquet file, or has no such column of strings.
    MissingExtraError
        If pyarrow is not installed.
    """

    unit = "row"

    def __init__(self, path: Path, text_column: str, columns: Sequence[str] | None = None) -> None:
        self._path = path
        self._arrow = require("pyarrow", extra="parquet", purpose="Reading Parquet files")
        parquet = require("pyarrow.parquet", extra="parquet", purpose="Reading Parquet files")
        try:
            # Without pre-buffering, which would keep every row group that has been read.
            self._file = parquet.ParquetFile(path, buffer_size=_BUFFER, pre_buffer=False)
        except (OSError, ValueError) as error:
            raise self._unreadable(error) from None
        schema = self._file.schema_arrow
        self._text = schema.names[positions_of(schema.names, [text_column], path)[0]]
        self._check_strings(schema.field(self._text).type)
        kept = schema.names
        if columns is not None:
            kept = [schema.names[at] for at in positions_of(schema.names, columns, path)]
        self.columns = tuple(kept)
        if len(set(schema.names)) < len(schema.names):
            raise DataError(f"{path}: two columns have the same name; rename one of them")
        self.schema = schema if columns is None else self._subset(schema, kept)
        self._done = self._skipped = 0

    def skip(self, rows: int) -> None:
        """Pass over the first rows."""
        self._skipped = rows

    def chunks(self, size: ChunkSize) -> Iterator[Chunk]:
        """Read on; see `RowStream.chunks`."""
        needed = list(dict.fromkeys([*self.columns, self._text]))
        for group in range(self._file.metadata.num_row_groups):
            facts = self._file.metadata.row_group(group)
            if self._done + facts.num_rows <= self._skipped:
                self._done += facts.num_rows
                continue
            mean = max(facts.total_byte_size // max(facts.num_rows, 1), 1)
            rows = max(min(size.rows, size.characters // mean), 1)
            for table in self._tables(group, rows, needed):
                before, self._done = self._done, self._done + table.num_rows
                if before >= self._skipped:
                    yield self._chunk(table, before)

    def fraction(self) -> float | None:
        """Tell which share of the rows has been read."""
        total: int = self._file.metadata.num_rows
        return max(self._done, self._skipped) / total if total else None

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _tables(self, group: int, rows: int, needed: list[str]) -> Iterator[Any]:
        batches = self._file.iter_batches(rows, row_groups=[group], columns=needed)
        while True:
            try:
                batch = next(batches, None)
            except (OSError, ValueError) as error:
                raise self._unreadable(error) from None
            if batch is None:
                return
            yield self._arrow.Table.from_batches([batch])

    def _chunk(self, table: Any, before: int) -> Chunk:
        found = _values(self._arrow, table[self._text])
        problems = [text_problem(text) for text in found]
        texts = ["" if why else text for text, why in zip(found, problems, strict=True)]
        kept = table.select(list(self.columns))
        return Chunk(
            list(range(before + 1, before + 1 + len(texts))),
            texts,
            problems,
            lambda: zip(*(_values(self._arrow, column) for column in kept.columns), strict=True),
            table=kept,
        )

    def _check_strings(self, kind: Any) -> None:
        types = self._arrow.types
        if types.is_dictionary(kind):
            kind = kind.value_type
        strings = (types.is_string, types.is_large_string, types.is_string_view, types.is_null)
        if not any(test(kind) for test in strings):
            raise DataError(
                f"{self._path}: column {self._text!r} holds {kind}, not strings; name the column "
                "of the texts with --text_column"
            )

    def _subset(self, schema: Any, kept: Sequence[str]) -> Any:
        # What pandas has noted of its index may no longer be true of some of the columns.
        return self._arrow.schema([schema.field(name) for name in kept])

    def _unreadable(self, error: Exception) -> DataError:
        reason = (str(error).splitlines() or ["unknown"])[0]
        return DataError(f"{self._path} cannot be read as a Parquet file: {reason}")


def _values(arrow: Any, column: Any) -> list[Any]:
    """Return the values of a column as Python has them; times as text, to the last nanosecond."""
    if arrow.types.is_temporal(column.type):
        column = column.cast(arrow.string())
    try:
        values: list[Any] = column.to_pylist()
    except UnicodeDecodeError:
        raw = column.cast(arrow.large_binary()).to_pylist()
        values = [None if one is None else one.decode("utf-8", "roomtone.mark") for one in raw]
    return values
