"""The rows of one CSV file: those that are usable, and why the others are not."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from roomtone.data.columns import Header, read_header
from roomtone.data.encodings import TextFile
from roomtone.data.records import PhysicalLines, Record, large_fields, read_records
from roomtone.data.sniffing import UNDECODABLE
from roomtone.errors import DataError
from roomtone.labels import LabelScheme

_SHOWN_REJECTIONS = 5


@dataclass(frozen=True)
class Rejection:
    """A row that was left out.

    Attributes
    ----------
    line : int
        The physical line on which it starts, counted from 1.
    reason : str
        What is wrong with it.
    """

    line: int
    reason: str


class Rows:
    """The rows of one file while it is being read.

    Parameters
    ----------
    source : TextFile
        The file.
    max_rejected : int
        More unusable rows than this are an error.

    Attributes
    ----------
    texts : list of str
        The texts that were kept.
    lines : array of int64
        The physical line on which each of them starts, counted from 1.
    rejected : list of Rejection
        The rows that are unusable.
    delimiter : str
        The character between fields, known once the first row is read.
    """

    def __init__(self, source: TextFile, max_rejected: int) -> None:
        self._source = source
        self._max_rejected = max_rejected
        self.texts: list[str] = []
        self.lines = array("q")
        self.rejected: list[Rejection] = []
        self.delimiter = ""

    def read(
        self, wanted: Sequence[str], *, delimiter: str, labels: LabelScheme | None = None
    ) -> Iterator[tuple[int, list[str]]]:
        """Yield the line and the wanted fields of each usable row; note the unusable ones.

        Raises
        ------
        DataError
            If the file cannot be decoded, its header lacks a wanted column, or more rows are
            unusable than allowed.
        """
        path = self._source.path
        with large_fields(), self._source.lines() as stream:
            lines = PhysicalLines(stream)
            header = read_header(lines, wanted, path=path, delimiter=delimiter, labels=labels)
            self.delimiter = header.delimiter
            for record in read_records(lines, header.delimiter, width=header.width):
                reason = record.problem or self.shape_problem(record, header)
                fields = [] if reason else [record.fields[at] for at in header.positions]
                reason = reason or self.field_problem(fields, self._source.encoding)
                if reason:
                    self._reject(Rejection(record.line, reason))
                else:
                    yield record.line, fields

    def keep(self, text: str, line: int) -> None:
        """Take a row."""
        self.texts.append(text)
        self.lines.append(line)

    def check(self) -> None:
        """Check that there is a row to use.

        Raises
        ------
        DataError
            If none was kept.
        """
        if not self.texts:
            detail = self._first_rejections() or "nothing stands below the header"
            raise DataError(
                f"{self._source.path} has no usable row: {detail}. "
                "Expected at least one row with a text (and its label, for training)"
            )

    @staticmethod
    def shape_problem(record: Record, header: Header) -> str:
        """Say what is wrong with the number of fields; nothing if it is right."""
        if not any(field.strip() for field in record.fields):
            return "empty row"
        if len(record.fields) != header.width:
            found = len(record.fields)
            return f"{found} field{'s' if found != 1 else ''} instead of {header.width}"
        return ""

    @staticmethod
    def field_problem(fields: list[str], encoding: str) -> str:
        """Say what is wrong with a text, and with the label behind it; nothing if both serve."""
        for name, field in zip(("text", "label"), fields, strict=False):
            if not field or field.isspace():
                return f"empty {name}"
            if UNDECODABLE in field:
                return f"bytes that are not valid {encoding}"
        return ""

    def _reject(self, rejection: Rejection) -> None:
        self.rejected.append(rejection)
        if len(self.rejected) > self._max_rejected:
            raise DataError(
                f"{self._source.path}: more than {self._max_rejected:,} rows are unusable: "
                f"{self._first_rejections()}. Correct the file, check data.delimiter and "
                "data.encoding, or raise data.max_rejected"
            )

    def _first_rejections(self) -> str:
        first = self.rejected[:_SHOWN_REJECTIONS]
        shown = "; ".join(f"line {row.line}: {row.reason}" for row in first)
        return f"{shown}; …" if len(self.rejected) > len(first) else shown
