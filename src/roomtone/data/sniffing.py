"""Telling from its first bytes what a file is, and in which encoding its text is."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from roomtone.errors import DataError

UNDECODABLE = "\udcff"
"""Stands in a line for bytes that the encoding does not allow; no decoder yields it by itself."""

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_FOREIGN = (
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook (.xlsx)"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls)"),
    (b"%PDF", "a PDF document"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3", "an SQLite database"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"ustar", "a tar archive"),
)
_OFFSETS = {b"ustar": 257}
_CONTROL = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def _mark_undecodable(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return UNDECODABLE, error.end


codecs.register_error("roomtone.mark", _mark_undecodable)


def find_encoding(
    path: Path,
    head: bytes,
    majority_of_all: Callable[[], str],
    *,
    encoding: str = "auto",
    setting: str = "data.encoding",
) -> str:
    """Tell the encoding from the first bytes of a file, and refuse what is no text.

    Parameters
    ----------
    path : Path
        The file, for error messages.
    head : bytes
        Its first bytes, decompressed.
    majority_of_all : callable
        Called where these do not decide; returns what `majority` says of more of the file.
    encoding : str, default "auto"
        Name of a Python codec, if it is known.
    setting : str
        What the user sets to name one, for error messages.

    Raises
    ------
    DataError
        If the file is empty or no text, or the encoding is unknown.
    """
    if not head.strip(b"\0 \t\r\n"):
        raise DataError(f"{path} is empty; expected a header line and a row for each comment")
    _check_foreign(path, head)
    if encoding != "auto":
        return _known_codec(encoding, setting)
    found = _from_mark(head) or _utf16_without_mark(head)
    if found is None:
        _check_control_bytes(path, head, setting)
        found = majority_of_all()
    return found


def majority(chunks: Iterable[bytes]) -> str:
    """Tell whether most characters beyond ASCII are well-formed UTF-8; else it is Windows-1252."""
    decoder = codecs.getincrementaldecoder("utf-8")("roomtone.mark")
    good = bad = 0
    for chunk in chunks:
        text = decoder.decode(chunk)
        broken = text.count(UNDECODABLE)
        bad += broken
        good += len(text) - len(text.encode("ascii", "ignore")) - broken
    bad += decoder.decode(b"", final=True).count(UNDECODABLE)
    return "utf-8" if good >= bad else "cp1252"


def _check_foreign(path: Path, head: bytes) -> None:
    for magic, description in _FOREIGN:
        if head[_OFFSETS.get(magic, 0) :].startswith(magic):
            raise DataError(
                f"{path} is {description}, not a CSV file; "
                "open it in the program that wrote it and export the table as CSV (UTF-8)"
            )


def _check_control_bytes(path: Path, head: bytes, setting: str) -> None:
    # Only the first line is looked at: a comment may hold anything, names of columns do not.
    # Null bytes are left out: damaged exports hold long runs of them and are still text.
    if _CONTROL.search(head.lstrip().split(b"\n", 1)[0]):
        raise DataError(
            f"{path} is a binary file or in an unusual encoding, not a CSV file as it stands; "
            f"export the table as CSV (UTF-8), or name its encoding in {setting}"
        )


def _known_codec(name: str, setting: str) -> str:
    try:
        "".encode(name)
    except (LookupError, UnicodeError, ValueError):
        raise DataError(
            f"{setting}: unknown encoding {name!r}; "
            "expected auto or the name of a Python codec, such as utf-8, utf-16 or cp1252"
        ) from None
    return name


def _from_mark(head: bytes) -> str | None:
    return next((name for mark, name in _BYTE_ORDER_MARKS if head.startswith(mark)), None)


def _utf16_without_mark(head: bytes) -> str | None:
    header = head[: head.find(b"\n") + 1] or head
    pairs = len(header) / 2
    if header[1::2].count(0) > pairs / 2:
        return "utf-16-le"
    return "utf-16-be" if header[::2].count(0) > pairs / 2 else None
