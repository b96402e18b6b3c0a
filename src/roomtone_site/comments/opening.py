"""Opening a file of comments; of one that a visitor sent no more is read than is fair."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path

from roomtone.data.encodings import GZIP, explained
from roomtone.data.streams import Format, Layout, RowStream, format_of, open_stream
from roomtone.errors import DataError, require
from roomtone_site.comments.columns import TEXT_NAMES

_PIECE = 2**20


@dataclass(frozen=True)
class ReadLimit:
    """The most that is read of a file.

    Attributes
    ----------
    rows : int
        Rows that are stored.
    unpacked : int
        Bytes once it is unpacked; it is not begun where there are more.
    """

    rows: int
    unpacked: int

    def check_file(self, path: Path, form: Format) -> None:
        """Look at a file before it is opened as a table.

        Raises
        ------
        DataError
            If it is too large once it is unpacked, or cannot be unpacked.
        """
        size = _parquet_size if form.kind == "parquet" else _unpacked_size
        if size(path, self.unpacked) > self.unpacked:
            raise DataError(
                f"{path}: unpacked it has more than {self.unpacked:,} bytes; send it in parts"
            )

    def check_rows(self, rows: int) -> None:
        """Look at how many rows there are with the next batch, before it is stored.

        Raises
        ------
        DataError
            If they are too many.
        """
        if rows > self.rows:
            raise DataError(
                f"the file has more than {self.rows:,} rows; about as many are stored, send the "
                "others in a file of their own"
            )


OF_UPLOADS = ReadLimit(rows=1_000_000, unpacked=2**30)


def open_table(
    path: str | Path, kind: str | None, text_column: str | None, limit: ReadLimit | None
) -> RowStream:
    """Open a table by the first name of a column of texts that it has.

    Parameters
    ----------
    path, kind, text_column, limit
        As for `import_comments`.

    Raises
    ------
    DataError
        If it cannot be read as a table, or is larger than `limit` allows.
    """
    name, form = str(path), format_of(str(path), kind, "--format")
    if limit is not None:
        limit.check_file(Path(path), form)
    first: DataError | None = None
    for column in (text_column,) if text_column else TEXT_NAMES:
        try:
            return open_stream(name, form, Layout(text_column=column), [], fixed=False).stream
        except DataError as error:
            first = first or error
    if first is not None and form.kind == "jsonl" and _is_indented(Path(name)):
        raise DataError(
            f"{name} is one JSON document over several lines, not JSON lines; write it again "
            "with an object on each line (youtube-comment-downloader does so without --pretty)"
        ) from first
    raise first or DataError(f"{name}: no column of texts")


def _is_indented(path: Path) -> bool:
    with path.open("rb") as file:
        return file.readline(100).strip() == b"{"


def _unpacked_size(path: Path, most: int) -> int:
    """Count the bytes of a file, of one that is packed until they are more than `most`."""
    with explained(path), path.open("rb") as raw:
        if raw.read(len(GZIP)) != GZIP:
            return path.stat().st_size
        raw.seek(0)
        size = 0
        with gzip.GzipFile(fileobj=raw) as unpacked:
            while size <= most and (piece := unpacked.read(_PIECE)):
                size += len(piece)
        return size


def _parquet_size(path: Path, _most: int) -> int:
    """Read off what a file of Parquet says that its columns have unpacked."""
    parquet = require("pyarrow.parquet", extra="parquet", purpose="Reading Parquet files")
    try:
        facts = parquet.read_metadata(path)
    except (OSError, ValueError):
        return 0  # whoever opens it says what is wrong
    return sum(facts.row_group(at).total_byte_size for at in range(facts.num_row_groups))
