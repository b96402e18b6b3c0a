"""CSV files as a stream of rows; the rules are those of `roomtone.data.records`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from roomtone.data.columns import positions_of, read_header
from roomtone.data.records import PhysicalLines, Record, large_fields, read_records
from roomtone.data.streams.chunks import Chunk, ChunkSize, RowStream, text_problem
from roomtone.data.streams.lines import LONGEST_RECORD, SourceLines, TextSource

REMEDY = (
    "Name the column of the texts with --text_column, and the character between fields with "
    "--delimiter if the columns are not told apart"
)


class CsvRows(RowStream):
    """The rows of a CSV file.

    A row with too few fields is filled up and one with too many is cut. A line that cannot be
    split stands in the text column as it is. Either is a problem of that row.

    Parameters
    ----------
    source : TextSource
        The file or pipe.
    size : int or None
        Bytes of the file.
    text_column : str
        The column that holds the texts.
    columns : sequence of str, optional
        Those that are kept; all of them where not given.
    delimiter : str
        The character between fields, or ``"auto"``.

    Raises
    ------
    DataError
        If the file cannot be read, or a column is missing.
    """

    def __init__(
        self,
        source: TextSource,
        size: int | None,
        text_column: str,
        columns: Sequence[str] | None = None,
        *,
        delimiter: str = "auto",
    ) -> None:
        self._source = source
        self._raw = SourceLines(source, size)
        self._lines = PhysicalLines(self._raw, longest=LONGEST_RECORD)
        with large_fields():
            header = read_header(
                self._lines, (text_column,), path=source.path, delimiter=delimiter, remedy=REMEDY
            )
        self._text = header.positions[0]
        self._width = header.width
        self.delimiter = header.delimiter
        self._kept: Sequence[int] | None = None
        if columns is not None:
            self._kept = positions_of(header.names, columns, source.path)
        self.columns = tuple(self._only_kept(header.names))
        self._records = read_records(self._lines, self.delimiter, width=self._width)

    def skip(self, rows: int) -> None:
        """Pass over the first rows."""
        with large_fields():
            for _ in islice(self._records, rows):
                pass

    def chunks(self, size: ChunkSize) -> Iterator[Chunk]:
        """Read on; see `RowStream.chunks`."""
        with large_fields():
            while chunk := self._chunk(size):
                yield chunk

    def fraction(self) -> float | None:
        """Tell which share of the bytes has been read."""
        return self._raw.fraction()

    def close(self) -> None:
        """Close the file."""
        self._raw.close()

    def _chunk(self, size: ChunkSize) -> Chunk | None:
        places: list[int] = []
        texts: list[str] = []
        problems: list[str] = []
        rows: list[Sequence[object]] = []
        characters = 0
        while len(places) < size.rows and characters < size.characters:
            record = next(self._records, None)
            if record is None:
                break
            fields, problem = self._fields(record)
            problem = problem or text_problem(fields[self._text], self._source.encoding)
            places.append(record.line)
            texts.append("" if problem else fields[self._text])
            problems.append(problem)
            rows.append(self._only_kept(fields))
            characters += sum(map(len, fields))
        return Chunk(places, texts, problems, lambda: iter(rows)) if places else None

    def _fields(self, record: Record) -> tuple[list[str], str]:
        """Return as many fields as there are columns, and what is wrong with the row."""
        fields, found = record.fields, len(record.fields)
        if found == self._width and not record.problem:
            return fields, "" if any(map(str.strip, fields)) else "empty row"
        if record.problem:
            fields = [""] * self._width
            fields[self._text] = self._lines.current.rstrip("\r\n")
            return fields, record.problem
        fields = (fields + [""] * self._width)[: self._width]
        if not any(map(str.strip, record.fields)):
            return fields, "empty row"
        return fields, f"{found} field{'s' if found != 1 else ''} instead of {self._width}"

    def _only_kept(self, fields: Sequence[str]) -> Sequence[str]:
        return fields if self._kept is None else [fields[at] for at in self._kept]
