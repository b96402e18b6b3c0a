"""Rows and labels as people hold them: lists, arrays, sparse matrices, columns of pandas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from roomtone.errors import DataError


@dataclass(frozen=True, eq=False)
class Labels:
    """Labels of any kind, and their codes.

    Attributes
    ----------
    classes : list
        The labels themselves, in the order of their codes.
    codes : ndarray of int64, shape [n]
        The code of each row's label.
    """

    classes: list[Any]
    codes: NDArray[np.int64]

    @classmethod
    def of(cls, y: ArrayLike, classes: Sequence[Any] | None = None) -> Self:
        """Code labels.

        Parameters
        ----------
        y : array_like, shape [n]
            Numbers or strings.
        classes : sequence, optional
            All labels, in their order; those that occur, sorted, where not given.

        Raises
        ------
        DataError
            If they are no flat list of numbers or strings, or one is not among `classes`.
        """
        values = _plain(column(y, None, "y"))
        for row, value in enumerate(values):
            if not isinstance(value, str | int | float) or value != value:  # noqa: PLR0124 - NaN
                raise DataError(f"y: row {row} is {value!r}, expected a number or a string")
        kinds = {isinstance(value, str) for value in values}
        if len(kinds) > 1:
            raise DataError("y: found numbers and strings; expected labels of one kind")
        listed = sorted(set(values)) if classes is None else np.asarray(classes).tolist()
        return cls(listed, _codes(values, listed, "y"))

    @property
    def names(self) -> tuple[str, ...]:
        """The labels as strings."""
        return tuple(map(str, self.classes))

    def coded(self, predicted: Any, rows: int) -> NDArray[np.int64]:
        """Code predicted labels, of so many rows.

        Raises
        ------
        DataError
            If there are more or fewer, or one is no known label.
        """
        return _codes(_plain(column(predicted, rows, "predict")), self.classes, "predict")

    def aligned(self, table: Any, known: Any, rows: int) -> NDArray[np.float64]:
        """Bring predicted probabilities into the order of the codes, ``[rows, classes]``.

        Parameters
        ----------
        table : array_like, shape [rows, k]
            Probabilities.
        known : array_like, shape [k], or None
            The label of each column; all labels in their order where it is None.
        rows : int
            How many rows there are.

        Raises
        ------
        DataError
            If there are other rows or columns, or a column is that of no known label.
        """
        values = np.asarray(table, dtype=np.float64)
        labels = self.classes if known is None else np.asarray(known).tolist()
        if values.shape != (rows, len(labels)):
            raise DataError(
                f"predict_proba: expected the shape [{rows}, {len(labels)}], a column for each of "
                f"{', '.join(map(str, labels))}; found {list(values.shape)}"
            )
        aligned = np.zeros((rows, len(self.classes)))
        aligned[:, _codes(labels, self.classes, "classes_")] = values
        return aligned


def column(values: Any, rows: int | None, name: str) -> NDArray[Any]:
    """Return values as a flat array, of so many rows.

    Raises
    ------
    DataError
        If they are not flat, or not as many.
    """
    # Of a list as it stands: [1, "a"] shall not become ["1", "a"].
    array = np.asarray(values) if hasattr(values, "__array__") else np.asarray(values, object)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1 or not array.size or (rows is not None and array.size != rows):
        wanted = "a flat list with a value for each row" if rows is None else f"{rows:,} values"
        raise DataError(f"{name}: expected {wanted}, found the shape {list(array.shape)}")
    return array


def group_codes(groups: ArrayLike, rows: int) -> NDArray[np.int64]:
    """Give each row the number of its group, shape [n], in the order in which they turn up.

    Raises
    ------
    DataError
        If there are not as many as rows, or a row has none.
    """
    values = _plain(column(groups, rows, "groups"))
    for row, value in enumerate(values):
        if value is None or value != value:  # noqa: PLR0124 - NaN
            raise DataError(f"groups: row {row} has none; give each row one, or leave the row out")
    places = {group: number for number, group in enumerate(dict.fromkeys(values))}
    return np.array([places[value] for value in values], dtype=np.int64)


def rows_of(values: Any) -> int:
    """Count rows.

    Raises
    ------
    DataError
        If there is no such thing as a row.
    """
    if isinstance(values, str) or not (hasattr(values, "shape") or hasattr(values, "__len__")):
        raise DataError(
            f"X: expected texts or features, one for each row; found {type(values).__name__}"
        )
    return int(values.shape[0]) if hasattr(values, "shape") else len(values)


def take(values: Any, rows: NDArray[np.int64]) -> Any:
    """Take some rows, in the kind of container that they come in; of a sequence, a list."""
    if hasattr(values, "iloc"):
        return values.iloc[rows]
    if hasattr(values, "tocsr"):
        return values.tocsr()[rows]
    if isinstance(values, np.ndarray):
        return values[rows]
    return [values[row] for row in rows.tolist()]


def _plain(array: NDArray[Any]) -> list[Any]:
    return [v.item() if isinstance(v, np.generic) else v for v in array.tolist()]


def _codes(values: list[Any], classes: list[Any], name: str) -> NDArray[np.int64]:
    places = {label: code for code, label in enumerate(classes)}
    unknown = [value for value in values if value not in places]
    if unknown:
        raise DataError(
            f"{name}: {unknown[0]!r} is none of the labels {', '.join(map(repr, classes))}; name "
            "all that there are with classes=[...]"
        )
    return np.array([places[value] for value in values], dtype=np.int64)
