"""The rows that an audit names, as a CSV file for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from roomtone.data.audit.kinds import KINDS
from roomtone.data.audit.result import Audit, Place
from roomtone.data.streams.spreadsheet import harmless
from roomtone.data.streams.writers import SUBSTITUTE

COLUMNS = (
    "file",
    "row",
    "text",
    "label",
    "finding",
    "evidence",
    "suggested_action",
    "partner_file",
    "partner_row",
    "score",
)
_LONGEST_CELL = 32_000  # characters; spreadsheet programs cut or refuse longer ones


def findings_csv(audit: Audit) -> bytes:
    """Write one line for each fault of each row, the gravest kind first.

    A field that a spreadsheet program would run as a formula gets an apostrophe before it, and
    a byte order mark tells the programs that it is UTF-8.
    """
    names = [file.name for file in audit.files]
    return table_csv(
        COLUMNS,
        (
            (
                names[found.place.file],
                found.place.row,
                found.text,
                found.label,
                found.kind,
                found.evidence,
                KINDS[found.kind].action,
                *_partner(found.partner, names),
                f"{found.score:.4f}",
            )
            for found in audit.findings
        ),
    )


def table_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Write a table that is safe to open in a spreadsheet program."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    return ("\ufeff" + out.getvalue()).encode("utf-8", SUBSTITUTE)


def _partner(place: Place | None, names: Sequence[str]) -> tuple[object, object]:
    return ("", "") if place is None else (names[place.file], place.row)


def _cell(value: object) -> object:
    if not isinstance(value, str):
        return value
    # A lone carriage return or null character ends a cell early in some programs.
    value = value.replace("\0", "\ufffd").replace("\r\n", "\n").replace("\r", "\n")
    if len(value) > _LONGEST_CELL:
        value = f"{value[:_LONGEST_CELL]} … ({len(value):,} characters)"
    return harmless(value)
