"""CSV records with the physical line that each starts on, recovering from unbalanced quotes."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

_LARGEST_FIELD = 2**31 - 1  # what a C long holds on every platform


class Record(NamedTuple):
    """One record of a CSV file, or one line that could not be made into one.

    Attributes
    ----------
    line : int
        The physical line on which it starts, counted from 1.
    fields : list of str
        Its fields; empty for a blank line.
    problem : str
        Why the line is unusable, or an empty string.
    """

    line: int
    fields: list[str]
    problem: str = ""


class PhysicalLines(Iterator[str]):
    """The lines of a file, remembering those of the current record so that they can be put back.

    Null characters and a byte order mark are dropped on the way.

    Parameters
    ----------
    stream : iterable of str
        Lines with their line ends.
    longest : int, optional
        A record that goes on for more characters than this counts as one whose quote is never
        closed, so that no more of the file than this is held at a time.
    """

    def __init__(self, stream: Iterable[str], *, longest: int | None = None) -> None:
        self._stream = iter(stream)
        self._waiting: deque[str] = deque()
        self._current: list[str] = []
        self._before = 0
        self._longest = longest
        self._size = 0

    def __next__(self) -> str:
        if self._longest is not None and self._size > self._longest:
            raise csv.Error("a quote is not closed within the longest record")
        if self._waiting:
            line = self._waiting.popleft()
        else:
            line = next(self._stream).replace("\0", "")
            if self._before == 0 and not self._current:
                line = line.removeprefix("\ufeff")
        self._current.append(line)
        self._size += len(line)
        return line

    @property
    def current(self) -> str:
        """The lines of the current record as they stand in the file."""
        return "".join(self._current)

    @property
    def start(self) -> int:
        """The number of the first line of the current record, from 1."""
        return self._before + 1

    def finish(self) -> None:
        """Count the current record's lines as done; the next line starts a new record."""
        self._before += len(self._current)
        self._current.clear()
        self._size = 0

    def keep_first(self) -> str:
        """Put back all lines of the current record but the first, and return that one."""
        first, *others = self._current
        self._waiting.extendleft(reversed(others))
        self._current = [first]
        self._size = 0
        return first

    def put_back(self) -> None:
        """Put back all lines of the current record."""
        self._waiting.extendleft(reversed(self._current))
        self._current.clear()
        self._size = 0


@contextmanager
def large_fields() -> Iterator[None]:
    """Let the `csv` module read fields of megabytes, and restore its limit afterwards."""
    before = csv.field_size_limit(_LARGEST_FIELD)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def read_records(lines: PhysicalLines, delimiter: str, *, width: int | None) -> Iterator[Record]:
    """Split lines into records.

    The rules are the strict ones of the `csv` module. Where they fail (a quote that is never
    closed, or text after a closing quote) the first line is tried alone by the lenient rules. If
    that does not give `width` fields either, this one line is given up and reading goes on with
    the next, so that a stray quote costs its own line and not the rest of the file.

    Parameters
    ----------
    lines : PhysicalLines
        Where to read; each record's lines count as done once the next record is asked for.
    delimiter : str
        The one character between fields.
    width : int or None
        How many fields a line must have to be accepted by the lenient rules; None for any number.

    Yields
    ------
    Record
        In the order of the file.
    """
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        try:
            record = Record(lines.start, next(reader))
        except StopIteration:
            return
        except csv.Error:
            record = _lone_line(lines, delimiter, width)
        yield record
        lines.finish()


def _lone_line(lines: PhysicalLines, delimiter: str, width: int | None) -> Record:
    first = lines.keep_first()
    fields = next(csv.reader([first], delimiter=delimiter))
    if width is None or len(fields) == width:
        return Record(lines.start, fields)
    return Record(lines.start, [], "unbalanced quote")
