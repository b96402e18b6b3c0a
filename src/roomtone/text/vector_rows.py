"""One line of a file of word vectors: a word and its numbers, or a clear error."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from roomtone.errors import DataError


class RowParser:
    """Take lines apart, in the layout that the first one shows.

    Parameters
    ----------
    path : Path
        The file, for error messages.
    dim : int
        How many numbers a line must hold.

    Attributes
    ----------
    begun : bool
        Whether the first line that is not blank has been seen.
    separator : bytes
        What stands between a word and its numbers.
    """

    def __init__(self, path: Path, dim: int) -> None:
        self.begun = False
        self.separator = b" "
        self._first = 0
        self._path = path
        self._dim = dim

    def begin(self, number: int, line: bytes) -> bool:
        """Learn the layout from the first line that is not blank.

        Returns
        -------
        bool
            Whether the line holds a vector: neither blank nor the header of word2vec, which says
            how many words there are and how many numbers each has.
        """
        fields = line.split()
        if not fields:
            return False
        self.begun = True
        self._first = number
        if b"\t" in line.strip():
            self.separator = b"\t"
        if self._is_header(fields):
            if int(fields[1]) != self._dim:
                raise self._wrong_dimension(number, int(fields[1]))
            return False
        self.numbers(number, self.split(number, line)[1])
        return True

    def split(self, number: int, line: bytes) -> tuple[bytes, list[bytes]]:
        """Part a line into its word, which may hold blanks, and exactly `dim` fields.

        Raises
        ------
        DataError
            If the line does not hold as many numbers as expected.
        """
        fields = line.split()
        surplus = len(fields) - 1 - self._dim
        if surplus < 0 or (surplus > 0 and all(map(_is_number, fields[1 : 1 + surplus]))):
            if b"\0" in line:
                raise self._error(number, "binary data, expected text; save the vectors as text")
            raise self._wrong_dimension(number, len(fields) - 1)
        return b" ".join(fields[: surplus + 1]), fields[surplus + 1 :]

    def numbers(self, number: int, fields: list[bytes]) -> NDArray[np.float32]:
        """Read the numbers of a line.

        Raises
        ------
        DataError
            If one of them is not a number, or not finite.
        """
        try:
            with np.errstate(over="ignore"):  # told below
                vector = np.array(fields, dtype=np.float32)
        except ValueError:
            bad = next((field for field in fields if not _is_number(field)), fields[0])
            raise self._error(
                number, f"found {bad[:40].decode(errors='replace')!r} where a number was expected"
            ) from None
        if not np.isfinite(vector).all():
            raise self._error(number, "found a number that is not finite (nan, inf or too large)")
        return vector

    def check_last(self, number: int, line: bytes) -> None:
        """Check that the file holds a vector, and that its last line is whole.

        Raises
        ------
        DataError
            If it is not; downloads break off in the middle of a line.
        """
        if not line or (number == self._first and self._is_header(line.split())):
            raise DataError(
                f"{self._path}: no vectors in the file; expected a word and its numbers on each "
                "line; fetch it again, or correct `embeddings.path` or --glove_path"
            )
        self.numbers(number, self.split(number, line)[1])

    def _is_header(self, fields: list[bytes]) -> bool:
        return self._dim != 1 and len(fields) == 2 and all(field.isdigit() for field in fields)

    def _wrong_dimension(self, number: int, found: int) -> DataError:
        return self._error(
            number,
            f"found a vector of {found} numbers, expected {self._dim}; set `embeddings.dim` or "
            f"--embedding_dim to the dimension of the file, or take another file (if other lines "
            "have the right number, this one is broken: fetch the file again)",
        )

    def _error(self, number: int, message: str) -> DataError:
        return DataError(f"{self._path}, line {number}: {message}")


def _is_number(field: bytes) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return True
