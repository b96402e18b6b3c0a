"""Labelled comments from CSV files, with the line of each row and an account of unusable ones."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from roomtone.data.encodings import inspect_file
from roomtone.data.labelling import LabelColumn
from roomtone.data.rows import Rejection, Rows
from roomtone.labels import LabelScheme

if TYPE_CHECKING:
    from roomtone.config import Config


@dataclass(frozen=True, eq=False)
class LabelledTexts:
    """The usable rows of one file, and what became of the others.

    Attributes
    ----------
    path : Path
        The file.
    texts : list of str
        The comments as they stand in the file, without null characters.
    labels : ndarray of int64, shape (n_rows,)
        Class codes.
    lines : ndarray of int64, shape (n_rows,)
        The physical line on which each row starts, counted from 1.
    rejected : tuple of Rejection
        Rows that were left out, in the order of the file.
    encoding : str
        The Python codec by which the file was read.
    delimiter : str
        The character between fields.
    sha256 : str
        Hash of the file's bytes.
    num_classes : int
        How many classes the label scheme has.
    extra : dict of str to list of str
        Further columns that were asked for, a value for each row.
    """

    path: Path
    texts: list[str]
    labels: NDArray[np.int64]
    lines: NDArray[np.int64]
    rejected: tuple[Rejection, ...]
    encoding: str
    delimiter: str
    sha256: str
    num_classes: int = 0
    extra: dict[str, list[str]] = field(default_factory=dict)

    @property
    def label_counts(self) -> dict[int, int]:
        """Rows of each class, classes without rows included."""
        counts = np.bincount(self.labels, minlength=self.num_classes)
        return {code: int(count) for code, count in enumerate(counts)}

    def facts(self, class_names: Sequence[str]) -> dict[str, Any]:
        """Describe the file without its place, so that the same rows anywhere are the same bytes.

        Parameters
        ----------
        class_names : sequence of str
            The classes, in the order of their codes.
        """
        return {
            "file": self.path.name,
            "rows": len(self.texts),
            "sha256": self.sha256,
            "label_counts": {class_names[code]: n for code, n in self.label_counts.items()},
        }


def read_labelled(
    path: str | Path,
    *,
    text_column: str = "text",
    label_column: str = "label",
    labels: LabelScheme,
    encoding: str = "auto",
    delimiter: str = "auto",
    max_rejected: int = 1000,
    extra: Sequence[str] = (),
) -> LabelledTexts:
    """Read labelled comments from a CSV file, plain or compressed with gzip.

    Blank rows, rows with too few or too many fields, with an empty text or label, with an
    unbalanced quote or with bytes that the encoding does not allow are left out and accounted
    for. HTML entities and tags are kept: the tokeniser knows them.

    Parameters
    ----------
    path : str or Path
        The file.
    text_column, label_column : str
        Names of the columns; case and blanks do not matter where one column alone matches.
    labels : LabelScheme
        The labels that may occur.
    encoding : str, default "auto"
        A Python codec; by default found from the bytes (UTF-8, UTF-16, Windows-1252).
    delimiter : str, default "auto"
        One character; by default comma, semicolon, tab or bar, whichever fits the header.
    max_rejected : int, default 1000
        More unusable rows than this are an error.
    extra : sequence of str
        Names of further columns to read.

    Returns
    -------
    LabelledTexts
        The usable rows in the order of the file.

    Raises
    ------
    DataError
        If the file cannot be read as a table, a column is missing, a label is unknown, too many
        rows are unusable, or none is usable.
    """
    source = inspect_file(path, encoding=encoding)
    column = LabelColumn(labels)
    rows = Rows(source, max_rejected)
    codes = array("q")
    wanted = (text_column, label_column, *extra)
    further: list[list[str]] = []
    for line, (text, label, *others) in rows.read(wanted, delimiter=delimiter, labels=labels):
        code = column.read(label, line)
        if code is not None:
            rows.keep(text, line)
            codes.append(code)
            if extra:
                further.append(others)
    column.check(source.path, label_column)
    rows.check()
    return LabelledTexts(
        path=source.path,
        texts=rows.texts,
        labels=np.array(codes, dtype=np.int64),
        lines=np.array(rows.lines, dtype=np.int64),
        rejected=tuple(rows.rejected),
        encoding=source.encoding,
        delimiter=rows.delimiter,
        sha256=source.sha256,
        num_classes=labels.num_classes,
        extra={name: [row[at] for row in further] for at, name in enumerate(extra)},
    )


def read_table(
    path: Path, config: Config, scheme: LabelScheme, extra: Sequence[str] = ()
) -> LabelledTexts:
    """Read one file of labelled texts as a configuration says."""
    return read_labelled(
        path,
        text_column=config.data.text_column,
        label_column=config.data.label_column,
        labels=scheme,
        encoding=config.data.encoding,
        delimiter=config.data.delimiter,
        max_rejected=config.data.max_rejected,
        extra=extra,
    )
