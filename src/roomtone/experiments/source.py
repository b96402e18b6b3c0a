"""The labelled rows that a cross-validation deals out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from roomtone.config import Config, label_scheme
from roomtone.data.duplicates import TextKeys
from roomtone.data.tables import LabelledTexts, read_table
from roomtone.errors import DataError
from roomtone.experiments.material import group_codes
from roomtone.experiments.record import DataFile
from roomtone.experiments.splitting import Dealer
from roomtone.experiments.times import parse_times


@dataclass(frozen=True, eq=False)
class Source:
    """Rows of one file or several.

    Attributes
    ----------
    files : tuple of DataFile
        Where they come from.
    texts : list of str
        The texts; with the labels of `dealer`, the rows.
    dealer : Dealer
        Deals them out.
    column : str or None
        The column of the groups, or of the times.
    """

    files: tuple[DataFile, ...]
    texts: list[str]
    dealer: Dealer
    column: str | None

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes, in the order of their codes."""
        return tuple(self.dealer.class_names)

    @property
    def class_counts(self) -> tuple[int, ...]:
        """Rows of each class."""
        counts = np.bincount(self.dealer.labels, minlength=len(self.class_names))
        return tuple(counts.tolist())


def read_source(
    paths: Sequence[Path],
    config: Config,
    *,
    groups: str | None = None,
    times: str | None = None,
) -> Source:
    """Read the rows of files, one after the other.

    Parameters
    ----------
    paths : sequence of Path
        Files with the same columns.
    config : Config
        Names the columns and the classes.
    groups : str, optional
        Rows with equal values of this column stay together. Where it is the column of the texts,
        rows do whose texts are equal but for case and punctuation.
    times : str, optional
        The column that tells when each row was written.

    Raises
    ------
    DataError
        If a file or a column cannot be used, a row has no group or no time, or a file is given
        twice.
    """
    scheme = label_scheme(config)
    column = groups or times
    by_text = groups is not None and _bare(groups) == _bare(config.data.text_column)
    extra = [] if column is None or by_text else [column]
    tables = [read_table(path, config, scheme, extra) for path in paths]
    _refuse_twice(tables)
    texts = [text for table in tables for text in table.texts]
    of_rows = of_times = None
    if by_text:
        of_rows = group_codes(TextKeys.of(texts).normalized, len(texts))
    elif groups is not None:
        values = [value for table in tables for value in _filled(table, groups)]
        of_rows = group_codes(values, len(texts))
    elif times is not None:
        of_times = np.concatenate([_times(table, times) for table in tables])
    labels = np.concatenate([table.labels for table in tables])
    return Source(
        files=tuple(DataFile(t.path.name, len(t.texts), t.sha256) for t in tables),
        texts=texts,
        dealer=Dealer(labels, scheme.names, groups=of_rows, times=of_times),
        column=column,
    )


def _times(table: LabelledTexts, column: str) -> NDArray[np.float64]:
    return parse_times(table.extra[column], table.lines.tolist(), table.path, column)


def _filled(table: LabelledTexts, column: str) -> list[str]:
    values = [value.strip() for value in table.extra[column]]
    for value, line in zip(values, table.lines.tolist(), strict=True):
        if not value:
            raise DataError(
                f"{table.path}, line {line}: column {column!r} is empty; each row needs its group"
            )
    return values


def _refuse_twice(tables: Sequence[LabelledTexts]) -> None:
    seen: dict[str, Path] = {}
    for table in tables:
        if table.sha256 in seen:
            raise DataError(
                f"{table.path}: the same rows as {seen[table.sha256]}, so that models would be "
                "tested on what they learn from"
            )
        seen[table.sha256] = table.path


def _bare(name: str) -> str:
    return "".join(name.split()).casefold()
