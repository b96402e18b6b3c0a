"""Reading back the predictions of a run, one row for each text of the tested split."""

from __future__ import annotations

import csv
import math
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from roomtone.errors import DataError

_NEEDED = ("label", "predicted", "confidence")


@dataclass(frozen=True)
class Predictions:
    """The predictions of a run.

    Attributes
    ----------
    lines : ndarray of int64, shape [n]
        Line of each text in its CSV file; its number among the rows where no line is recorded.
    texts : tuple of str or None
        The texts, if the run recorded them.
    labels, predicted : ndarray of int64, shape [n]
        True and predicted class codes.
    confidence : ndarray of float64, shape [n]
        Probability of the predicted class.
    probs : ndarray of float64, shape [n, classes], or None
        Probabilities of all classes, if the run recorded them.
    """

    lines: NDArray[np.int64]
    texts: tuple[str, ...] | None
    labels: NDArray[np.int64]
    predicted: NDArray[np.int64]
    confidence: NDArray[np.float64]
    probs: NDArray[np.float64] | None

    def confident_errors(self, most: int) -> list[int]:
        """Return the positions of the wrong predictions, most confident first, `most` at most."""
        wrong = np.flatnonzero(self.labels != self.predicted)
        order = np.argsort(-self.confidence[wrong], kind="stable")
        return [int(position) for position in wrong[order[:most]]]


def read_predictions(path: Path, class_names: Sequence[str]) -> Predictions:
    """Read ``predictions.csv``.

    Parameters
    ----------
    path : Path
        The file.
    class_names : sequence of str
        Names of the classes; labels may stand as names or as codes.

    Raises
    ------
    DataError
        If a column is missing, or a row is cut short or holds an impossible value.
    """
    with path.open(encoding="utf-8-sig", newline="") as file, _long_fields_allowed():
        try:
            reader = csv.reader(file)
            header = next(reader, [])
            absent = [name for name in _NEEDED if name not in header]
            if absent:
                found = ", ".join(header) or "none"
                raise DataError(f"{path}: no column {', '.join(absent)} (columns: {found})")
            table = _Table(header, class_names)
            for row in reader:
                table.add(row, where=f"{path}, line {reader.line_num}")
        except (csv.Error, UnicodeDecodeError) as error:
            raise DataError(f"{path}: damaged: {error}; write the run's report again") from None
    return table.finish()


class _Table:
    """Collects parsed columns row by row."""

    def __init__(self, header: Sequence[str], class_names: Sequence[str]) -> None:
        self.places = {name: place for place, name in enumerate(header)}
        self.codes = {str(code): code for code in range(len(class_names))}
        self.codes |= {name: code for code, name in enumerate(class_names)}
        shares = [f"p_{name}" for name in class_names]
        self.shares = shares if set(shares) <= set(self.places) else []
        self.columns: dict[str, list[Any]] = {
            name: [] for name in ("line", "text", *_NEEDED, "probs")
        }

    def add(self, row: Sequence[str], *, where: str) -> None:
        if len(row) != len(self.places):
            raise DataError(f"{where}: {len(row)} fields where the header has {len(self.places)}")
        columns = self.columns
        for name in ("label", "predicted"):
            value = row[self.places[name]]
            if value not in self.codes:
                raise DataError(f"{where}: {name} {value!r} is none of {', '.join(self.codes)}")
            columns[name].append(self.codes[value])
        columns["confidence"].append(_share(row[self.places["confidence"]], where))
        columns["probs"].append([_share(row[self.places[name]], where) for name in self.shares])
        columns["text"].append(row[self.places["text"]] if "text" in self.places else None)
        line = row[self.places["line"]] if "line" in self.places else ""
        columns["line"].append(int(line) if line.isdecimal() else len(columns["line"]) + 1)

    def finish(self) -> Predictions:
        columns = self.columns
        return Predictions(
            lines=np.array(columns["line"], dtype=np.int64),
            texts=tuple(columns["text"]) if "text" in self.places else None,
            labels=np.array(columns["label"], dtype=np.int64),
            predicted=np.array(columns["predicted"], dtype=np.int64),
            confidence=np.array(columns["confidence"], dtype=np.float64),
            probs=np.array(columns["probs"], dtype=np.float64) if self.shares else None,
        )


def _share(value: str, where: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not 0 <= number <= 1:
        raise DataError(f"{where}: {value!r} is no probability from 0 to 1")
    return number


@contextmanager
def _long_fields_allowed() -> Iterator[None]:
    # Reviews can be longer than the 128 KiB at which the csv module gives up; the limit is global.
    before = csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    try:
        yield
    finally:
        csv.field_size_limit(before)
