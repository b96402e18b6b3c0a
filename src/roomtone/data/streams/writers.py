"""Rows as the bytes of a file: each chunk on its own, so that a file can be gone on with."""

from __future__ import annotations

import codecs
import csv
import gzip
import json
import math
from abc import ABC, abstractmethod
from base64 import b64encode
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

from roomtone.data.streams.chunks import Added, Chunk
from roomtone.data.streams.spreadsheet import harmless

Columns = Sequence[Sequence[object]]
_LEVEL = 6
SUBSTITUTE = "roomtone.substitute"
"""How to encode what has no bytes in UTF-8: as U+FFFD."""
_PLAIN = {str, float, int, type(None)}


def _substitute(error: UnicodeError) -> tuple[bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "\ufffd".encode() * (error.end - error.start), error.end


codecs.register_error(SUBSTITUTE, _substitute)


class RowWriter(ABC):
    """Turns chunks into bytes that, one after another, make up a file.

    Parameters
    ----------
    columns : sequence of str
        Names of the columns that chunks hold.
    added : sequence of Added
        The columns behind them.
    """

    def __init__(self, columns: Sequence[str], added: Sequence[Added]) -> None:
        self.columns = tuple(columns)
        self.added = tuple(added)

    def head(self) -> bytes:
        """Return what stands before the first row."""
        return b""

    @abstractmethod
    def encode(self, chunk: Chunk, values: Columns) -> bytes:
        """Return the bytes of some rows.

        Parameters
        ----------
        chunk : Chunk
            The rows.
        values : sequence of sequences
            For each added column the values of all rows.
        """

    def assembler(self, part: Path) -> Callable[[BinaryIO], None] | None:
        """Return what makes the file from a part that holds all rows; None where it is the file."""
        return None


class CsvWriter(RowWriter):
    """CSV in UTF-8, with quotes where they are needed.

    Parameters
    ----------
    columns, added
        As for `RowWriter`.
    delimiter : str
        The character between fields.
    safe : bool
        Keep spreadsheet programs from taking a field for a formula.
    """

    def __init__(
        self,
        columns: Sequence[str],
        added: Sequence[Added],
        *,
        delimiter: str = ",",
        safe: bool = False,
    ) -> None:
        super().__init__(columns, added)
        self._safe = safe
        self._lines: list[str] = []
        # Rows end as RFC 4180 has it, so that the writer quotes what holds either character of
        # a line end; `write` is called once for each row.
        self._writer = csv.writer(self, delimiter=delimiter, lineterminator="\r\n")

    def write(self, line: str) -> None:
        """Take a row from the `csv` module, and end it as text files do."""
        self._lines.append(line[:-2] + "\n")

    def head(self) -> bytes:
        """Return the header."""
        self._row([*self.columns, *(column.name for column in self.added)])
        return self._bytes()

    def encode(self, chunk: Chunk, values: Columns) -> bytes:
        """Return the bytes of some rows; see `RowWriter.encode`."""
        for old, new in zip(chunk.rows(), zip(*values, strict=True), strict=True):
            self._row([*old, *new])
        return self._bytes()

    def _row(self, values: list[object]) -> None:
        # The `csv` module writes these types as `as_field` does, and many times faster.
        fields = [value if type(value) in _PLAIN else as_field(value) for value in values]
        if self._safe:
            fields = [harmless(field) if isinstance(field, str) else field for field in fields]
        self._writer.writerow(fields)

    def _bytes(self) -> bytes:
        data = "".join(self._lines).encode("utf-8", SUBSTITUTE)
        self._lines.clear()
        return data


class JsonWriter(RowWriter):
    """JSON lines in UTF-8. An object that is kept whole keeps the spelling that it had."""

    def encode(self, chunk: Chunk, values: Columns) -> bytes:
        """Return the bytes of some rows; see `RowWriter.encode`."""
        names = [column.name for column in self.added]
        new = [dict(zip(names, row, strict=True)) for row in zip(*values, strict=True)]
        if chunk.objects is not None:
            lines = [
                _joined(whole, row) if whole else _json(self._bad(old) | row)
                for whole, old, row in zip(chunk.objects, chunk.rows(), new, strict=True)
            ]
        else:
            lines = [
                _json(dict(zip(self.columns, map(_finite, old), strict=True)) | row)
                for old, row in zip(chunk.rows(), new, strict=True)
            ]
        return "".join(f"{line}\n" for line in lines).encode("utf-8", SUBSTITUTE)

    def _bad(self, row: Sequence[object]) -> dict[str, object]:
        """Return what there is of a row that is no object: the line itself."""
        pairs = zip(self.columns, row, strict=True)
        return {name: value for name, value in pairs if value is not None}


class Gzipped(RowWriter):
    """Compresses what another writer writes: one member of a gzip file for each piece of it."""

    def __init__(self, writer: RowWriter) -> None:
        super().__init__(writer.columns, writer.added)
        self._writer = writer

    def head(self) -> bytes:
        """Return the compressed head."""
        return self._compressed(self._writer.head())

    def encode(self, chunk: Chunk, values: Columns) -> bytes:
        """Return compressed rows; see `RowWriter.encode`."""
        return self._compressed(self._writer.encode(chunk, values))

    @staticmethod
    def _compressed(data: bytes) -> bytes:
        return gzip.compress(data, _LEVEL, mtime=0) if data else b""


def as_field(value: object) -> str:
    """Show a value as CSV has it: nothing for None, JSON for what has parts."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return "|".join(map(str, value))
    if isinstance(value, bytes):
        return b64encode(value).decode("ascii")
    return _json(value) if isinstance(value, list | dict) else str(value)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=as_field)


def _finite(value: object) -> object:
    """Replace a number that JSON cannot say."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _joined(whole: str, row: dict[str, object]) -> str:
    """Put further keys behind those of an object."""
    start = whole[:-1].rstrip()
    return f"{start}{'' if start == '{' else ', '}{_json(row)[1:]}"
