"""Labels as they stand in a file, turned into class codes; unknown ones are tallied."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from roomtone.errors import DataError, nearest
from roomtone.labels import LabelScheme

_LONGEST_LABEL = 200
_SHOWN_CHARACTERS = 60
_SHOWN_LABELS = 5


def shortened(value: str) -> str:
    """Show a value from a file in an error message: quoted, and cut if it is long."""
    return repr(value if len(value) <= _SHOWN_CHARACTERS else value[:_SHOWN_CHARACTERS] + "…")


def code_of(value: str, labels: LabelScheme) -> int | None:
    """Return the class code of a label, or None if it is no label of the scheme."""
    if len(value) > _LONGEST_LABEL:
        return None
    try:
        return labels.parse(value)
    except DataError:
        return None


class LabelColumn:
    """Reads one column of labels, each distinct spelling once.

    Parameters
    ----------
    labels : LabelScheme
        The labels that are known.
    """

    def __init__(self, labels: LabelScheme) -> None:
        self._labels = labels
        self._codes: dict[str, int | None] = {}
        self._unknown: Counter[str] = Counter()
        self._first: tuple[int, str] | None = None

    def read(self, value: str, line: int) -> int | None:
        """Return the class code of a label; tally it and return None if it is unknown."""
        if value not in self._codes:
            self._codes[value] = code_of(value, self._labels)
        code = self._codes[value]
        if code is None:
            self._first = self._first or (line, value)
            self._unknown[value] += 1
        return code

    def check(self, path: Path, column: str) -> None:
        """Raise if any label was unknown.

        Raises
        ------
        DataError
            Names the first unknown label and its line, how often unknown labels occur and which,
            the labels that are known, and the setting that maps other names.
        """
        if self._first is None:
            return
        line, value = self._first
        rows, distinct = self._unknown.total(), len(self._unknown)
        common = ", ".join(
            f"{shortened(word)} ({count:,})"
            for word, count in self._unknown.most_common(_SHOWN_LABELS)
        )
        more = ", …" if distinct > _SHOWN_LABELS else ""
        known = [*self._labels.names, *self._labels.aliases]
        raise DataError(
            f"{path}, line {line}: unknown label {shortened(value)} in column {column!r} "
            f"(known: {self._labels.describe()}){nearest(value[:_LONGEST_LABEL], known)}; "
            f"rows with an unknown label: {rows:,}; distinct unknown labels: {distinct:,}: "
            f"{common}{more}. "
            "Correct the file, or map other names to class codes with data.label_map"
        )
