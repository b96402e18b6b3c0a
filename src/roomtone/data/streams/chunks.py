"""What a streamed table consists of: chunks of rows, whatever the format of the file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from roomtone.data.sniffing import UNDECODABLE

MISSING, EMPTY = "missing text", "empty text"


@dataclass(frozen=True)
class ChunkSize:
    """How much is read before something is done with it.

    A chunk ends where either number is reached, counted from its own beginning, so that chunks
    end at the same rows whenever a file is read.

    Attributes
    ----------
    rows : int
        So many rows at most.
    characters : int
        So many characters, within one row.
    """

    rows: int = 8192
    characters: int = 4_000_000


@dataclass(frozen=True)
class Added:
    """A column that is written behind those of the input.

    Attributes
    ----------
    name : str
        Its name.
    kind : str
        What it holds besides None: ``"text"``, ``"number"``, ``"flag"`` or ``"texts"``.
    """

    name: str
    kind: Literal["text", "number", "flag", "texts"]


@dataclass
class Chunk:
    """Some rows of a table, in its order.

    Attributes
    ----------
    places : list of int
        The physical line on which each row starts, or its number where there are no lines; both
        from 1.
    texts : list of str
        The texts, empty where there is a problem.
    problems : list of str
        Why a row cannot be used, or an empty string.
    rows : callable
        Gives the values of the kept columns, row by row.
    objects : list of str, optional
        Each row as the JSON object that it was; empty for what was none. Only where the input is
        JSON lines and all its keys are kept.
    table : pyarrow.Table, optional
        The kept columns, where the input is Parquet.
    beyond : int
        How many of the rows have values in further columns than the table was found to have.
    """

    places: list[int]
    texts: list[str]
    problems: list[str]
    rows: Callable[[], Iterator[Sequence[object]]]
    objects: list[str] | None = None
    table: Any = None
    beyond: int = 0

    def __len__(self) -> int:
        return len(self.places)


class RowStream(ABC):
    """A table that is read once, from its first row to its last.

    Attributes
    ----------
    columns : tuple of str
        Names of the kept columns.
    unit : str
        What a place is called: ``"line"`` or ``"row"``.
    delimiter : str
        The character between fields, where there is one.
    schema : pyarrow.Schema, optional
        Types of the kept columns, where the input is Parquet.
    """

    columns: tuple[str, ...]
    unit: str = "line"
    delimiter: str = ","
    schema: Any = None

    @abstractmethod
    def skip(self, rows: int) -> None:
        """Pass over the first rows, which must be whole chunks."""

    @abstractmethod
    def chunks(self, size: ChunkSize) -> Iterator[Chunk]:
        """Read on, chunk by chunk; call it once.

        Raises
        ------
        DataError
            If the rest of the file cannot be read.
        """

    @abstractmethod
    def fraction(self) -> float | None:
        """Tell how much of the input has been read, from 0 to 1; None where it is not known."""

    @abstractmethod
    def close(self) -> None:
        """Close the file."""


def text_problem(value: object, encoding: str = "utf-8") -> str:
    """Say why a value cannot be scored; an empty string where it can."""
    if value is None:
        return MISSING
    if not isinstance(value, str):
        return f"the text is {_described(value)}, not a string"
    if not value or value.isspace():
        return EMPTY
    return f"bytes that are not valid {encoding}" if UNDECODABLE in value else ""


def _described(value: object) -> str:
    kinds = {bool: "true or false", int: "a number", float: "a number", list: "a list"}
    return kinds.get(type(value), "an object")
