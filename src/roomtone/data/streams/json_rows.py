"""JSON lines as a stream of rows: an object on each line."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import Any

from roomtone.data.columns import positions_of
from roomtone.data.records import PhysicalLines
from roomtone.data.streams.chunks import Chunk, ChunkSize, RowStream, text_problem
from roomtone.data.streams.lines import SourceLines, TextSource
from roomtone.errors import DataError, nearest

FIRST_LINES, FIRST_CHARACTERS = 1000, 4_000_000
_SHOWN_KEYS = 20


class JsonRows(RowStream):
    """The rows of a file of JSON lines.

    The keys of the first lines are the columns. A line that is no object stands in the text
    column as it is, with a problem.

    Parameters
    ----------
    source : TextSource
        The file or pipe.
    size : int or None
        Bytes of the file.
    text_column : str
        The key of the texts.
    columns : sequence of str, optional
        The keys that are kept; all of them where not given.
    reserved : collection of str
        Keys that no object may have where all keys are kept.

    Raises
    ------
    DataError
        If the file cannot be read, or none of the first lines has the key.
    """

    def __init__(
        self,
        source: TextSource,
        size: int | None,
        text_column: str,
        columns: Sequence[str] | None = None,
        *,
        reserved: Collection[str] = (),
    ) -> None:
        self._source = source
        self._text = text_column
        self._reserved = reserved
        self._whole = columns is None
        self._raw = SourceLines(source, size)
        self._lines = PhysicalLines(self._raw)
        keys = self._first_keys()
        self._known = set(keys)
        if columns is not None:
            keys = [keys[at] for at in positions_of(keys, columns, source.path)]
        self.columns = tuple(keys)

    def skip(self, rows: int) -> None:
        """Pass over the first rows."""
        for _ in islice(self._lines, rows):
            self._lines.finish()

    def chunks(self, size: ChunkSize) -> Iterator[Chunk]:
        """Read on; see `RowStream.chunks`."""
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
        parsed: list[dict[str, Any]] = []
        objects: list[str] = []
        characters = beyond = 0
        for line in self._lines:
            bare = line.strip()
            row, problem = _parse(bare)
            objects.append("" if problem else bare)
            beyond += self._has_more_keys(row)
            problem = problem or self._text_problem(row)
            places.append(self._lines.start)
            texts.append("" if problem else _without_halves(row[self._text]))
            problems.append(problem)
            parsed.append(row if objects[-1] else {self._text: bare})
            characters += len(line)
            self._lines.finish()
            if len(places) >= size.rows or characters >= size.characters:
                break
        if not places:
            return None
        chunk = Chunk(places, texts, problems, lambda: map(self._values, parsed), beyond=beyond)
        chunk.objects = objects if self._whole else None
        return chunk

    def _values(self, row: dict[str, Any]) -> tuple[object, ...]:
        return tuple(map(row.get, self.columns))

    def _text_problem(self, row: dict[str, Any]) -> str:
        if self._text not in row:
            return f"no key {self._text!r}"
        return text_problem(row[self._text], self._source.encoding)

    def _has_more_keys(self, row: dict[str, Any]) -> bool:
        """Tell whether all keys are to be kept and this row has one that is no column."""
        if not self._whole or row.keys() <= self._known:
            return False
        taken = row.keys() & set(self._reserved)
        if taken:
            raise DataError(
                f"{self._source.path}, line {self._lines.start}: the key {min(taken)!r} is also "
                "that of a new column; tell them apart with --prefix, or name the keys to keep "
                "with --columns"
            )
        return True

    def _first_keys(self) -> list[str]:
        """Look at the first lines and put them back."""
        first: list[str] = []
        characters = 0
        for line in islice(self._lines, FIRST_LINES):
            first.append(line.strip())
            characters += len(line)
            if characters > FIRST_CHARACTERS:
                break
        self._lines.put_back()
        keys = list(dict.fromkeys(key for line in first for key in _parse(line)[0]))
        if self._text in keys:
            return keys
        path = self._source.path
        if next(filter(None, first), "").startswith("["):
            raise DataError(
                f"{path} is a JSON array, not JSON lines; write an object on each line, as "
                "pandas does with to_json(..., orient='records', lines=True)"
            )
        shown = ", ".join(map(repr, keys[:_SHOWN_KEYS])) or "none"
        raise DataError(
            f"{path}: no key {self._text!r} in the first {len(first):,} lines"
            f"{nearest(self._text, keys)}. The keys are: {shown}. "
            "Name the key of the texts with --text_column"
        )


def _parse(line: str) -> tuple[dict[str, Any], str]:
    """Return the object on a line, or an empty one and why there is none."""
    if not line:
        return {}, "empty row"
    try:
        row = json.loads(line)
    except RecursionError:
        return {}, "no JSON object: nested too deeply"
    except ValueError as error:
        # Not only what the decoder refuses: a whole number may have too many digits.
        return {}, f"no JSON object: {str(error).splitlines()[0]}"
    return (row, "") if isinstance(row, dict) else ({}, "no JSON object")


def _without_halves(text: str) -> str:
    """Replace halves of surrogate pairs, which an escape may leave alone and no model can read."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
