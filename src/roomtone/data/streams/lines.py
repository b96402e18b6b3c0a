"""The lines of a text, one at a time, none of them longer than memory allows."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import IO, Protocol

from roomtone.errors import DataError

LONGEST_LINE = 2**24
LONGEST_RECORD = 2**20
"""Characters of a CSV record of several lines; one that is longer has lost its closing quote."""


class TextSource(Protocol):
    """A file or a pipe with text: see `TextFile` and `TextPipe`."""

    @property
    def path(self) -> Path:
        """What messages call it."""

    @property
    def encoding(self) -> str:
        """The Python codec that reads it."""

    def lines(self) -> AbstractContextManager[IO[str]]:
        """Open it for reading."""


class SourceLines:
    """An iterator of lines that knows how far it is.

    Parameters
    ----------
    source : TextSource
        What is read.
    size : int or None
        Bytes of the file; None for a pipe.
    """

    def __init__(self, source: TextSource, size: int | None) -> None:
        self._source = source
        self._size = size
        self._handle: int | None = None
        self._lines = self._read()

    def __iter__(self) -> SourceLines:
        return self

    def __next__(self) -> str:
        return next(self._lines)

    def fraction(self) -> float | None:
        """Tell which share of the bytes has been read; None for a pipe."""
        if self._size is None or self._handle is None:
            return None
        return min(os.lseek(self._handle, 0, os.SEEK_CUR) / self._size, 1.0)

    def close(self) -> None:
        """Close the file."""
        self._lines.close()

    def _read(self) -> Generator[str]:
        number = 0
        with self._source.lines() as stream:
            self._handle = stream.fileno() if self._size is not None else None
            try:
                for line in iter(partial(stream.readline, LONGEST_LINE), ""):
                    number += 1
                    if len(line) == LONGEST_LINE:
                        raise DataError(
                            f"{self._source.path}, line {number}: longer than "
                            f"{LONGEST_LINE:,} characters, which no comment is; break it up"
                        )
                    yield line
            finally:
                self._handle = None
