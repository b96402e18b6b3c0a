"""Cleaned copies of audited files, with an account of every row that was removed or changed."""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from roomtone.data.audit.characters import repaired
from roomtone.data.audit.kinds import KINDS
from roomtone.data.audit.output import table_csv
from roomtone.data.audit.planning import Fix
from roomtone.data.audit.reading import Source
from roomtone.data.audit.result import Audit, Finding, Place
from roomtone.data.encodings import inspect_file
from roomtone.data.streams.writers import SUBSTITUTE
from roomtone.errors import DataError
from roomtone.files import move_into_place, write_atomically, write_bytes

LOG = "changes.csv"
_COLUMNS = ("file", "row", "change", "why", "partner_file", "partner_row", "before", "after")


def check_folder(folder: Path) -> None:
    """Make sure that cleaned copies overwrite nothing.

    Raises
    ------
    DataError
        If something has the folder's name, and is not an empty folder.
    """
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise DataError(
            f"{folder} exists: cleaned copies overwrite nothing. Move it away, or name another "
            "folder with --output_dir"
        )


def write_fixed(folder: Path, audit: Audit, sources: Sequence[Source], fix: Fix) -> list[Path]:
    """Write the cleaned copies and the account of what was done; the folder appears when all is.

    Parameters
    ----------
    folder : Path
        Must not exist, or be empty.
    audit : Audit
        Names the files.
    sources : sequence of Source
        The files, which are read again.
    fix : Fix
        As of `planning.plan_fix`.

    Returns
    -------
    list of Path
        A copy of each file, in UTF-8 and not compressed, named by `copy_names`, and the account,
        ``changes.csv``.

    Raises
    ------
    DataError
        If the folder is not free, or a file has changed since the audit.
    """
    check_folder(folder)
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    log: list[tuple[object, ...]] = []
    names = copy_names([source.name for source in sources])
    for index, source in enumerate(sources):
        if inspect_file(source.file.path).sha256 != audit.files[index].sha256:
            raise DataError(f"{source.file.path} has changed since it was read; run this again")
        lines = _Copier(index, source, audit, fix, log)
        write_atomically(part / names[index], lines.write)
    write_bytes(part / LOG, table_csv(_COLUMNS, log))
    if folder.exists():
        folder.rmdir()
    move_into_place(part, folder)
    return [folder / name for name in (*names, LOG)]


def copy_names(names: Sequence[str]) -> list[str]:
    """Name the copies as their files but for ``.gz``, each by a name of its own.

    Names that would be the same, or that of the account, get the place of their file before them:
    ``1 train.csv``. Case makes no difference, as on some file systems.
    """
    found = [name.removesuffix(".gz") or name for name in names]
    while True:
        taken = Counter([LOG, *(name.lower() for name in found)])
        if max(taken.values()) == 1:
            return found
        found = [
            f"{place} {name}" if taken[name.lower()] > 1 else name
            for place, name in enumerate(found, 1)
        ]


class _Copier:
    """Copies one file row by row, and notes what it does to them."""

    def __init__(
        self, index: int, source: Source, audit: Audit, fix: Fix, log: list[tuple[object, ...]]
    ) -> None:
        self._index = index
        self._source = source
        self._names = [file.name for file in audit.files]
        self._fix = fix
        self._kept = {found.place: found for found in fix.kept}
        self._log = log

    def write(self, stream: BinaryIO) -> None:
        """Write the copy."""
        header = self._source.header()
        out = _Lines(stream)
        table = csv.writer(out, delimiter=header.delimiter, lineterminator="\r\n")
        table.writerow(header.names)
        for number, record, _ in self._source.records():
            fields = self._row(Place(self._index, number), record.fields, header.positions[0])
            if fields:
                table.writerow(fields)

    def _row(self, place: Place, fields: list[str], column: int) -> list[str]:
        """Return what becomes of a row: itself, a repaired one, or nothing."""
        text = fields[column] if column < len(fields) else ""
        if (found := self._fix.removed.get(place)) is not None:
            self._note(place, "removed", found, text)
            return []
        if (found := self._kept.get(place)) is not None:
            self._note(place, "kept: a test row", found, text)
        if kinds := self._fix.repaired.get(place):
            fields = [*fields]
            fields[column] = repaired(text, kinds)
            why = "; ".join(KINDS[kind].title for kind in kinds)
            self._log.append((*self._named(place), "repaired", why, "", "", text, fields[column]))
        return fields

    def _note(self, place: Place, change: str, found: Finding, text: str) -> None:
        why = f"{KINDS[found.kind].title}: {found.evidence}"
        other = ("", "") if found.partner is None else self._named(found.partner)
        self._log.append((*self._named(place), change, why, *other, text, ""))

    def _named(self, place: Place) -> tuple[str, int]:
        return self._names[place.file], place.row


class _Lines:
    """Takes rows that end as RFC 4180 has it, so that both line ends are quoted in a field."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def write(self, line: str) -> None:
        """Write a row that ends as those of text files do."""
        self._stream.write((line[:-2] + "\n").encode("utf-8", SUBSTITUTE))
