"""Which format a file has, and what reads or writes it."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any, cast

from roomtone.data.columns import check_delimiter
from roomtone.data.encodings import inspect_file
from roomtone.data.fetch import file_sha256
from roomtone.data.pipes import inspect_pipe
from roomtone.data.streams.chunks import Added, RowStream
from roomtone.data.streams.csv_rows import CsvRows
from roomtone.data.streams.json_rows import JsonRows
from roomtone.data.streams.parquet_rows import ParquetRows
from roomtone.data.streams.parquet_writer import ParquetWriter
from roomtone.data.streams.writers import CsvWriter, Gzipped, JsonWriter, RowWriter
from roomtone.errors import DataError

STANDARD = "-"
"""Stands for standard input or output."""

FORMATS = ("csv", "jsonl", "parquet")
_SUFFIXES = {
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
}


@dataclass(frozen=True)
class Format:
    """The format of a file.

    Attributes
    ----------
    kind : str
        One of `FORMATS`.
    gzipped : bool
        Whether its name says that it is compressed.
    tabs : bool
        Whether its name says that tabs stand between fields.
    """

    kind: str
    gzipped: bool = False
    tabs: bool = False


@dataclass(frozen=True)
class Layout:
    """How a table is read.

    Attributes
    ----------
    text_column : str
        The column that holds the texts.
    columns : tuple of str or None
        Those that are kept; None for all of them.
    encoding, delimiter : str
        As for `roomtone.data.tables.read_labelled`.
    """

    text_column: str = "text"
    columns: tuple[str, ...] | None = None
    encoding: str = "auto"
    delimiter: str = "auto"


@dataclass(frozen=True)
class Opened:
    """A table that is open for reading.

    Attributes
    ----------
    stream : RowStream
        Its rows.
    facts : dict or None
        Size, hash and time of change of the file; None for standard input.
    """

    stream: RowStream
    facts: dict[str, Any] | None


def format_of(name: str, stated: str | None, flag: str, *, otherwise: str = "csv") -> Format:
    """Tell the format of a file from its name.

    Parameters
    ----------
    name : str
        The file's, or ``"-"``.
    stated : str, optional
        One of `FORMATS`, which comes before the name.
    flag : str
        What states it, for error messages.
    otherwise : str
        The format of what has no name.

    Raises
    ------
    DataError
        If the name does not tell, or the format cannot go through a pipe or be compressed.
    """
    path = Path(name.lower())
    gzipped = path.suffix == ".gz"
    suffix = Path(path.stem).suffix if gzipped else path.suffix
    kind = stated or (otherwise if name == STANDARD else _SUFFIXES.get(suffix))
    if kind is None:
        raise DataError(
            f"{name}: its name does not say what it holds; expected it to end in "
            f"{', '.join(_SUFFIXES)} (or .csv.gz, .jsonl.gz), or name the format with {flag}"
        )
    if kind == "parquet" and name == STANDARD:
        raise DataError(f"{flag}: Parquet is not read or written by a pipe; use csv or jsonl there")
    if kind == "parquet" and gzipped:
        raise DataError(f"{name}: Parquet is compressed by itself; leave .gz out")
    return Format(kind, gzipped, suffix == ".tsv")


def open_stream(
    name: str, form: Format, layout: Layout, added: Sequence[Added], *, fixed: bool
) -> Opened:
    """Open a table, and check that the new columns can be told from those that are kept.

    Parameters
    ----------
    name : str
        The file, or ``"-"``.
    form : Format
        What it holds.
    layout : Layout
        How it is read.
    added : sequence of Added
        The new columns.
    fixed : bool
        Whether what is written needs a name of its own for each column.

    Raises
    ------
    DataError
        If it cannot be read, or a column is missing, or has the name of a new one.
    """
    check_delimiter(layout.delimiter, "--delimiter")
    stream, facts = _open(name, form, layout, [column.name for column in added])
    taken = [column.name for column in added if column.name in map(str.strip, stream.columns)]
    if taken:
        raise DataError(
            f"{name} already has {'columns' if len(taken) > 1 else 'a column'} "
            f"{', '.join(map(repr, taken))}, as the new ones are called; tell them apart with "
            "--prefix (--prefix new_, say), or name the columns to keep with --columns"
        )
    twice = sorted({column for column in stream.columns if stream.columns.count(column) > 1})
    if twice and fixed:
        raise DataError(
            f"{name}: several columns are called {twice[0]!r}, which CSV alone allows; rename "
            "all but one of them, or name the columns to keep with --columns"
        )
    return Opened(stream, facts)


def open_writer(
    form: Format, stream: RowStream, added: Sequence[Added], *, safe: bool = False
) -> RowWriter:
    """Make the writer of a format; a CSV file has the delimiter of the one that was read."""
    writer: RowWriter
    if form.kind == "parquet":
        return ParquetWriter(stream.columns, added, schema=stream.schema)
    if form.kind == "jsonl":
        writer = JsonWriter(stream.columns, added)
    else:
        delimiter = "\t" if form.tabs else stream.delimiter
        writer = CsvWriter(stream.columns, added, delimiter=delimiter, safe=safe)
    return Gzipped(writer) if form.gzipped else writer


def check_unchanged(name: str, facts: dict[str, Any]) -> None:
    """Make sure that a file is still the one that was opened.

    Raises
    ------
    DataError
        If it was written to meanwhile.
    """
    found = os.stat(name)
    if (found.st_size, found.st_mtime_ns) != (facts["bytes"], facts["modified"]):
        raise DataError(f"{name} was changed while it was read; start again with --restart")


def _open(
    name: str, form: Format, layout: Layout, reserved: Sequence[str]
) -> tuple[RowStream, dict[str, Any] | None]:
    path = Path(name)
    if name != STANDARD and not path.exists():
        raise DataError(f"{name} does not exist; expected a file of comments, or - for a pipe")
    if form.kind == "parquet":
        parquet = ParquetRows(path, layout.text_column, layout.columns)
        return parquet, _facts(path.stat(), file_sha256(path))
    encoding, setting = layout.encoding, "--encoding"
    if name == STANDARD:
        raw = cast(BufferedReader, sys.stdin.buffer)
        source: Any = inspect_pipe(raw, "standard input", encoding=encoding, setting=setting)
        facts, size = None, None
    else:
        found = path.stat()
        source = inspect_file(path, encoding=encoding, setting=setting)
        facts, size = _facts(found, source.sha256), found.st_size
    if form.kind == "csv":
        kept = (layout.text_column, layout.columns)
        return CsvRows(source, size, *kept, delimiter=layout.delimiter), facts
    return JsonRows(source, size, layout.text_column, layout.columns, reserved=reserved), facts


def _facts(found: os.stat_result, sha256: str) -> dict[str, Any]:
    return {"bytes": found.st_size, "sha256": sha256, "modified": found.st_mtime_ns}
