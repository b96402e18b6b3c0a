"""Reading the word vectors of winkNLP from their JSON, one word at a time.

The file is one object of some 300 MB on one line, without blanks: a few settings, the list of
words, then ``"vectors":{"the":[0.1,...,5.8,0],...}``. Each word's list holds its vector, followed
by the vector's length and the word's place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from roomtone.errors import DataError

_BLOCK = 1 << 20
_VECTORS = b'"vectors":{'
# A quotation mark inside a JSON string is always escaped, so neither pattern matches in a word.
_SETTING = re.compile(rb'"(size|dimensions)":(\d+),')
_ENTRY = re.compile(rb'("(?:[^"\\]|\\.)*"):\[([^\]]*)\]([,}])')


@dataclass(frozen=True)
class WinkHeader:
    """How many words the file says it holds, and how long their vectors are."""

    words: int
    dims: int


class WinkReader:
    """Reads the file forwards, holding about a megabyte of it at a time.

    Parameters
    ----------
    stream : binary file
        The JSON, from its first byte; it need not be seekable.

    Raises
    ------
    DataError
        If the file does not begin as described above.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._buffer = stream.read(_BLOCK)
        settings = {name: int(number) for name, number in _SETTING.findall(self._buffer[:1000])}
        if settings.keys() != {b"size", b"dimensions"}:
            raise self._damaged("its size and dimensions are not at the beginning")
        self.header = WinkHeader(settings[b"size"], settings[b"dimensions"])

    def __iter__(self) -> Iterator[tuple[str, list[bytes]]]:
        """Yield each word with the digits of its vector, as they stand in the file.

        Raises
        ------
        DataError
            If the file ends early, or an entry is not laid out as described above.
        """
        self._skip_words()
        position, dims = 0, self.header.dims
        while True:
            match = _ENTRY.match(self._buffer, position)
            if match is None:
                self._buffer = self._buffer[position:] + self._next_block()
                position = 0
                continue
            word, numbers = json.loads(match[1]), match[2].split(b",", dims)
            if len(numbers) <= dims:
                raise self._damaged(f"{word!r} has {len(numbers)} numbers, expected {dims} and two")
            yield word, numbers[:dims]
            if match[3] == b"}":
                return
            position = match.end()

    def _skip_words(self) -> None:
        while (start := self._buffer.find(_VECTORS)) < 0:
            self._buffer = self._buffer[-len(_VECTORS) :] + self._next_block()
        self._buffer = self._buffer[start + len(_VECTORS) :]

    def _next_block(self) -> bytes:
        block = self._stream.read(_BLOCK)
        # An entry is about a kilobyte: if none was found in two blocks, none will be.
        if not block or len(self._buffer) > 2 * _BLOCK:
            raise self._damaged("it ends early, or its layout has changed")
        return block

    @staticmethod
    def _damaged(what: str) -> DataError:
        return DataError(f"the file of word vectors cannot be read: {what}")
