"""A study in a report: what ``report.json`` holds of it, its section and its figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roomtone.errors import DataError
from roomtone.reports.document.blocks import Section
from roomtone.reports.style import Theme

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class StudyChapter:
    """One study of a report.

    Attributes
    ----------
    facts : mapping
        What ``report.json`` holds of it.
    section : callable
        Makes its section, given its place there and what the names of its figures begin with.
    drawings : mapping of str to callable
        Its figures, by the ends of their names.
    """

    facts: Mapping[str, Any]
    section: Callable[[str, str], Section]
    drawings: Mapping[str, Callable[[Theme], Figure | None]]


def result_file(path: Path, name: str, verb: str) -> Path:
    """Return the file of a study's result.

    Raises
    ------
    DataError
        If it is not there yet.
    """
    if not (path / name).is_file():
        raise DataError(
            f"{path}: the study is not finished (no {name}); go on with it: "
            f"roomtone {verb} --resume {path}"
        )
    return path / name
