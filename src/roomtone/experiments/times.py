"""Points in time as people write them into columns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from roomtone.data.labelling import shortened
from roomtone.errors import DataError


def parse_times(
    values: Sequence[str], lines: Sequence[int], path: Path, column: str
) -> NDArray[np.float64]:
    """Read a column of times: numbers, or dates of ISO 8601 with or without a time of day.

    Times without a zone are taken as UTC.

    Parameters
    ----------
    values : sequence of str
        As they stand in the file.
    lines : sequence of int
        The line of each.
    path, column : Path and str
        For error messages.

    Returns
    -------
    ndarray of float64, shape [n]
        Numbers as they are; seconds since 1970 for dates.

    Raises
    ------
    DataError
        If one cannot be read, or numbers stand beside dates; names file, line and value.
    """
    read = [_read(value.strip()) for value in values]
    numbers = sum(kind == "number" for kind, _ in read)
    wanted = "number" if 2 * numbers > len(read) else "date"
    for (kind, _), value, line in zip(read, values, lines, strict=True):
        if kind != wanted:
            like = {"number": "a number, as in most rows", "date": "such as 2026-01-14 15:30"}
            raise DataError(
                f"{path}, line {line}: {shortened(value)} in column {column!r} is no time; "
                f"expected {like[wanted]}"
            )
    return np.array([moment for _, moment in read])


def _read(value: str) -> tuple[str, float]:
    try:
        number = float(value)
    except ValueError:
        pass
    else:
        return ("number", number) if math.isfinite(number) else ("neither", number)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return "neither", math.nan
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return "date", moment.timestamp()
