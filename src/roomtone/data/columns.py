"""The header of a CSV file: which delimiter it uses and where the wanted columns stand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from roomtone.data.labelling import code_of, shortened
from roomtone.data.records import PhysicalLines, read_records
from roomtone.errors import DataError, nearest
from roomtone.labels import LabelScheme

_DELIMITERS = (",", ";", "\t", "|")
_NAMES = {"comma": ",", "semicolon": ";", "tab": "\t", "\\t": "\t", "bar": "|", "pipe": "|"}
_SHOWN_COLUMNS = 20
_REMEDY = (
    "Set data.text_column and data.label_column to the names of the columns, and data.delimiter "
    "if the columns are not told apart"
)
_EXCEL_HINT = re.compile(r"sep=(.)\r?\n?")


@dataclass(frozen=True)
class Header:
    """What the first row says.

    Attributes
    ----------
    delimiter : str
        The one character between fields.
    width : int
        How many columns there are.
    positions : tuple of int
        Where the wanted columns stand, from 0, in the order in which they were asked for.
    names : tuple of str
        The names of all columns, as they stand in the file.
    """

    delimiter: str
    width: int
    positions: tuple[int, ...]
    names: tuple[str, ...] = ()


def read_header(
    lines: PhysicalLines,
    wanted: Sequence[str],
    *,
    path: Path,
    delimiter: str = "auto",
    labels: LabelScheme | None = None,
    remedy: str = _REMEDY,
) -> Header:
    """Read the header, which is the first line that is not blank.

    The delimiter is the one by which the header holds the wanted columns; a comma if the header
    is a single name. A first line ``sep=;``, as Excel writes it, is obeyed. A column matches if
    its name is the wanted one, or is so but for case and blanks and is the only one.

    Parameters
    ----------
    lines : PhysicalLines
        Where to read; stands behind the header afterwards.
    wanted : sequence of str
        Names of the columns.
    path : Path
        The file, for error messages.
    delimiter : str, default "auto"
        The one character between fields, or ``"tab"``.
    labels : LabelScheme, optional
        Helps to tell a row of data from a header.
    remedy : str
        What to do where a column is missing, for error messages.

    Raises
    ------
    DataError
        If there is no header, a column is missing or ambiguous, or the delimiter is no single
        character.
    """
    stated = check_delimiter(delimiter) or _skip_to_header(lines)
    names_by_delimiter = {
        candidate: _first_record(lines, candidate)
        for candidate in ([stated] if stated else _DELIMITERS)
    }
    if not any(names_by_delimiter.values()):
        raise DataError(f"{path} is empty; expected a header line and a row for each comment")
    complete = (
        candidate
        for candidate, names in names_by_delimiter.items()
        if all(_find(names, column) for column in wanted)
    )
    chosen = next(complete, None)
    if chosen is None:
        raise _missing(names_by_delimiter, wanted, path, labels, remedy)
    names = names_by_delimiter[chosen]
    positions = tuple(_only(names, column, path) for column in wanted)
    if len(set(positions)) < len(positions):
        raise DataError(
            f"{path}: text and label are both read from column {shortened(names[positions[0]])}; "
            "set data.text_column and data.label_column to two different columns"
        )
    _pass_header(lines, chosen)
    return Header(chosen, len(names), positions, tuple(names))


def positions_of(names: Sequence[str], wanted: Sequence[str], path: Path) -> tuple[int, ...]:
    """Find columns by their names, by the same rule as `read_header`.

    Raises
    ------
    DataError
        If one is missing or ambiguous.
    """
    listed = list(names)
    for column in wanted:
        if not _find(listed, column):
            hint = nearest(column, [name.strip() for name in listed])
            raise DataError(
                f"{path}: no column {column!r}{hint}. The columns are: {_listed(listed)}"
            )
    return tuple(_only(listed, column, path) for column in wanted)


def check_delimiter(delimiter: str, setting: str = "data.delimiter") -> str | None:
    """Return the character that a setting names, or None for ``"auto"``.

    Raises
    ------
    DataError
        If it is no single character.
    """
    if delimiter == "auto":
        return None
    character = _NAMES.get(delimiter, delimiter)
    if len(character) != 1 or character in '"\r\n\0':
        raise DataError(
            f"{setting}: {delimiter!r} is no delimiter; expected auto, or one character "
            "such as ',', ';', '|' or tab"
        )
    return character


def _skip_to_header(lines: PhysicalLines) -> str | None:
    """Pass blank lines and Excel's ``sep=;``; return the delimiter that the latter names."""
    stated = None
    for line in lines:
        hint = _EXCEL_HINT.fullmatch(line)
        if hint:
            stated = hint[1]
        elif line.strip():
            lines.put_back()
            break
        lines.finish()
    return stated


def _first_record(lines: PhysicalLines, delimiter: str) -> list[str]:
    record = next(read_records(lines, delimiter, width=None), None)
    lines.put_back()
    return record.fields if record else []


def _pass_header(lines: PhysicalLines, delimiter: str) -> None:
    next(read_records(lines, delimiter, width=None))
    lines.finish()


def _bare(name: str) -> str:
    return "".join(name.split()).casefold()


def _find(names: list[str], column: str) -> list[int]:
    exact = [index for index, name in enumerate(names) if name.strip() == column.strip()]
    if exact:
        return exact
    return [index for index, name in enumerate(names) if _bare(name) == _bare(column)]


def _only(names: list[str], column: str, path: Path) -> int:
    found = _find(names, column)
    if len(found) > 1:
        raise DataError(
            f"{path}: {len(found)} columns match {column!r} (columns: {_listed(names)}); "
            "rename all but one of them"
        )
    return found[0]


def _listed(names: list[str]) -> str:
    shown = ", ".join(shortened(name) for name in names[:_SHOWN_COLUMNS])
    more = len(names) - _SHOWN_COLUMNS
    return f"{shown} and {more} more" if more > 0 else shown


def _missing(
    names_by_delimiter: dict[str, list[str]],
    wanted: Sequence[str],
    path: Path,
    labels: LabelScheme | None,
    remedy: str,
) -> DataError:
    names = max(names_by_delimiter.values(), key=lambda row: (_matches(row, wanted), len(row)))
    if labels and any(_looks_like_data(row, labels) for row in names_by_delimiter.values()):
        return DataError(
            f"{path}: the header is missing: the first row is {_listed(names)}, which looks like "
            f"data; put a line with the column names first, such as {','.join(wanted)}"
        )
    absent = [column for column in wanted if not _find(names, column)]
    hints = "; ".join(
        f"no column {column!r}{nearest(column, [name.strip() for name in names])}"
        for column in absent
    )
    return DataError(f"{path}: {hints}. The columns are: {_listed(names)}. {remedy}")


def _matches(names: list[str], wanted: Sequence[str]) -> int:
    return sum(bool(_find(names, column)) for column in wanted)


def _looks_like_data(row: list[str], labels: LabelScheme) -> bool:
    return len(row) > 1 and any(code_of(field, labels) is not None for field in (row[-1], row[0]))
