"""Reading files for an audit: every row is kept, with what is wrong with it."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from roomtone.data.audit.result import Finding, Place
from roomtone.data.columns import Header, read_header
from roomtone.data.encodings import TextFile, inspect_file
from roomtone.data.labelling import code_of
from roomtone.data.records import PhysicalLines, Record, large_fields, read_records
from roomtone.data.rows import Rows
from roomtone.errors import DataError
from roomtone.labels import SENTIMENT, LabelScheme

_MOST_CLASSES = 100
_SENTIMENT_SHARE = 0.5
_REMEDY = "Name the columns with --text_column and --label_column"


@dataclass(frozen=True)
class Source:
    """A file, and how its columns are read.

    Attributes
    ----------
    name : str
        What the audit calls it: ``train.csv``.
    file : TextFile
        Where it is, and its encoding.
    text_column, label_column : str
        Names of the columns.
    """

    name: str
    file: TextFile
    text_column: str
    label_column: str

    def header(self) -> Header:
        """Read the first row alone."""
        with large_fields(), self.file.lines() as stream:
            return self._header(PhysicalLines(stream))

    def records(self) -> Iterator[tuple[int, Record, Header]]:
        """Yield the number of each row as a spreadsheet shows it, the row, and the header.

        Raises
        ------
        DataError
            If the file cannot be read as a table, or a column is missing.
        """
        with large_fields(), self.file.lines() as stream:
            lines = PhysicalLines(stream)
            header = self._header(lines)
            # A name of a column may hold line ends, and is one row of a spreadsheet still.
            number = lines.start - sum(name.count("\n") for name in header.names)
            for record in read_records(lines, header.delimiter, width=header.width):
                yield number, record, header
                number += 1

    def _header(self, lines: PhysicalLines) -> Header:
        wanted = (self.text_column, self.label_column)
        return read_header(lines, wanted, path=self.file.path, labels=LabelScheme(), remedy=_REMEDY)


@dataclass(frozen=True, eq=False)
class AuditedRows:
    """The rows of all files that have a text, in the order of the files.

    Attributes
    ----------
    sources : tuple of Source
        The files, training rows first.
    class_names : tuple of str
        The classes.
    texts : list of str
        As they stand in the files.
    labels : ndarray of int64, shape [n]
        Class codes; -1 for a missing or unknown one.
    file, number : ndarray of int64, shape [n]
        Which file, and which row of it as a spreadsheet shows it.
    problems : tuple of Finding
        Rows that have no text or label, or cannot be read.
    counts : tuple of int
        Rows of each file, unusable ones included and empty ones left out.
    """

    sources: tuple[Source, ...]
    class_names: tuple[str, ...]
    texts: list[str]
    labels: NDArray[np.int64]
    file: NDArray[np.int64]
    number: NDArray[np.int64]
    problems: tuple[Finding, ...]
    counts: tuple[int, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """What the audit calls the files."""
        return tuple(source.name for source in self.sources)

    def place(self, index: int) -> Place:
        """Say where a row stands."""
        return Place(int(self.file[index]), int(self.number[index]))

    def label_of(self, index: int) -> str:
        """Name the class of a row; nothing for an unknown one."""
        code = int(self.labels[index])
        return self.class_names[code] if code >= 0 else ""

    def finding(
        self, kind: str, index: int, evidence: str, *, partner: int | None = None, score: float = 1
    ) -> Finding:
        """Make a finding about a row, and the row that it is held against."""
        return Finding(
            kind,
            self.place(index),
            evidence,
            partner=None if partner is None else self.place(partner),
            score=score,
            text=self.texts[index],
            label=self.label_of(index),
        )


def open_sources(paths: Sequence[Path], text_column: str, label_column: str) -> tuple[Source, ...]:
    """Look at the files, and give each a name of its own.

    Raises
    ------
    DataError
        If one cannot be read as text.
    """
    names = Counter(path.name for path in paths)
    return tuple(
        Source(
            path.name if names[path.name] == 1 else f"{place} {path.name}",
            inspect_file(path),
            text_column,
            label_column,
        )
        for place, path in enumerate(paths, 1)
    )


def read_audited(sources: Sequence[Source]) -> AuditedRows:
    """Read all rows of all files.

    Labels are read as sentiment where at least half of them are; else the different labels are
    the classes.

    Raises
    ------
    DataError
        If a file cannot be read as a table, no row has a text, or there are too many classes.
    """
    texts: list[str] = []
    labels: list[str] = []
    file, number = array("q"), array("q")
    problems: list[Finding] = []
    counts = []
    for index, source in enumerate(sources):
        rows = 0
        for at, record, header in source.records():
            if not record.problem and not any(map(str.strip, record.fields)):
                continue
            rows += 1
            place = Place(index, at)
            reason = record.problem or Rows.shape_problem(record, header)
            if reason:
                problems.append(Finding("broken", place, reason))
                continue
            text, label = (record.fields[position] for position in header.positions)
            if reason := Rows.field_problem([text], source.file.encoding):
                kind = "empty" if reason == "empty text" else "broken"
                problems.append(Finding(kind, place, reason, text="", label=label))
                continue
            texts.append(text)
            labels.append(label)
            file.append(index)
            number.append(at)
        counts.append(rows)
    if not texts:
        named = ", ".join(str(source.file.path) for source in sources)
        raise DataError(f"{named}: no row has a text; expected rows below the header")
    scheme = _scheme(labels, sources)
    known = {label: code_of(label, scheme) for label in set(labels)}
    codes = np.array([-1 if (code := known[label]) is None else code for label in labels])
    for row in np.flatnonzero(codes < 0).tolist():
        found = f"label {labels[row][:60]!r}" if labels[row].strip() else "no label"
        place = Place(file[row], number[row])
        problems.append(Finding("unknown_label", place, found, text=texts[row], label=labels[row]))
    return AuditedRows(
        sources=tuple(sources),
        class_names=scheme.names,
        texts=texts,
        labels=codes.astype(np.int64),
        file=np.array(file, dtype=np.int64),
        number=np.array(number, dtype=np.int64),
        problems=tuple(problems),
        counts=tuple(counts),
    )


def _scheme(labels: list[str], sources: Sequence[Source]) -> LabelScheme:
    sentiment = LabelScheme()
    found = Counter(label for label in labels if label.strip())
    fitting = sum(n for label, n in found.items() if code_of(label, sentiment) is not None)
    if fitting >= _SENTIMENT_SHARE * found.total():
        return sentiment
    names = sorted({label.strip() for label in found}, key=lambda name: (name.lower(), name))
    distinct = {name.lower(): name for name in reversed(names)}
    if len(distinct) > _MOST_CLASSES:
        raise DataError(
            f"{sources[0].file.path}: column {sources[0].label_column!r} holds "
            f"{len(distinct):,} different labels, more than {_MOST_CLASSES}: it may be the wrong "
            f"column. {_REMEDY}. Known without a name: {', '.join(SENTIMENT)}"
        )
    return LabelScheme(tuple(sorted(distinct.values(), key=str.lower)), {})
