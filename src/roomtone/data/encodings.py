"""Files of text as people have them: their bytes, their compression and their encoding."""

from __future__ import annotations

import codecs
import gzip
import hashlib
import io
import re
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from roomtone.errors import DataError

UNDECODABLE = "\udcff"
"""Stands in a line for bytes that the encoding does not allow; no decoder yields it by itself."""

_HEAD = 65536
_GZIP = b"\x1f\x8b"
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


@dataclass(frozen=True)
class TextFile:
    """A file that was found to hold text.

    Attributes
    ----------
    path : Path
        Where it is.
    gzipped : bool
        Whether its bytes are compressed; told by the bytes, not by the name.
    encoding : str
        The Python codec that reads it.
    sha256 : str
        Hash of the file's bytes as they lie on the disk.
    """

    path: Path
    gzipped: bool
    encoding: str
    sha256: str

    @contextmanager
    def lines(self) -> Iterator[IO[str]]:
        """Open the file for reading line by line, line ends kept as they are.

        Bytes that the encoding does not allow come as `UNDECODABLE`.

        Raises
        ------
        DataError
            If the file cannot be read to its end.
        """
        with _open_bytes(self.path, gzipped=self.gzipped) as raw:
            yield io.TextIOWrapper(raw, self.encoding, errors="roomtone.mark", newline="")


def inspect_file(path: str | Path, *, encoding: str = "auto") -> TextFile:
    """Find out how to read a file of text.

    A byte order mark decides; without one a header in which every other byte is null is UTF-16,
    and a file that decodes as UTF-8 is UTF-8. A file with a few broken bytes among many
    well-formed UTF-8 characters is UTF-8 too; all others are taken for Windows-1252.

    Parameters
    ----------
    path : str or Path
        The file, plain or compressed with gzip.
    encoding : str, default "auto"
        Name of a Python codec, if it is known.

    Raises
    ------
    DataError
        If the file is missing, empty, unreadable or no text, or the encoding is unknown.
    """
    path = Path(path)
    _check_regular(path)
    with _open_bytes(path, gzipped=False) as raw:
        sha256 = hashlib.file_digest(raw, "sha256").hexdigest()
        raw.seek(0)
        gzipped = raw.read(2) == _GZIP
    with _open_bytes(path, gzipped=gzipped) as raw:
        head = raw.read(_HEAD)
    if not head.strip(b"\0 \t\r\n"):
        raise DataError(f"{path} is empty; expected a header line and a row for each comment")
    _check_foreign(path, head)
    if encoding != "auto":
        return TextFile(path, gzipped, _known_codec(encoding), sha256)
    found = _from_mark(head) or _utf16_without_mark(head)
    if found is None:
        _check_control_bytes(path, head)
        found = _eight_bit(path, gzipped=gzipped)
    return TextFile(path, gzipped, found, sha256)


@contextmanager
def _open_bytes(path: Path, *, gzipped: bool) -> Iterator[gzip.GzipFile | io.BufferedReader]:
    try:
        with gzip.open(path, "rb") if gzipped else path.open("rb") as raw:
            yield raw
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(
            f"{path}: the gzip file is damaged or cut short ({error}); copy or compress it again"
        ) from None
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from None
    except UnicodeError as error:
        raise DataError(f"{path} cannot be decoded: {error}") from None


def _check_regular(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        raise DataError(f"{path} does not exist; expected a CSV file of comments") from None
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read: {error}") from None
    if stat.S_ISDIR(mode):
        raise DataError(f"{path} is a directory; expected a CSV file")
    if not stat.S_ISREG(mode):
        raise DataError(f"{path} is no regular file; save the rows to a CSV file first")


def _check_foreign(path: Path, head: bytes) -> None:
    for magic, description in _FOREIGN:
        if head[_OFFSETS.get(magic, 0) :].startswith(magic):
            raise DataError(
                f"{path} is {description}, not a CSV file; "
                "open it in the program that wrote it and export the table as CSV (UTF-8)"
            )


def _check_control_bytes(path: Path, head: bytes) -> None:
    # Only the first line is looked at: a comment may hold anything, names of columns do not.
    # Null bytes are left out: damaged exports hold long runs of them and are still text.
    if _CONTROL.search(head.lstrip().split(b"\n", 1)[0]):
        raise DataError(
            f"{path} is a binary file or in an unusual encoding, not a CSV file as it stands; "
            "export the table as CSV (UTF-8), or name its encoding in data.encoding"
        )


def _known_codec(name: str) -> str:
    try:
        "".encode(name)
    except (LookupError, UnicodeError, ValueError):
        raise DataError(
            f"data.encoding: unknown encoding {name!r}; "
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


def _eight_bit(path: Path, *, gzipped: bool) -> str:
    decoder = codecs.getincrementaldecoder("utf-8")("roomtone.mark")
    good = bad = 0
    with _open_bytes(path, gzipped=gzipped) as raw:
        while chunk := raw.read(1 << 20):
            text = decoder.decode(chunk)
            broken = text.count(UNDECODABLE)
            bad += broken
            good += len(text) - len(text.encode("ascii", "ignore")) - broken
        bad += decoder.decode(b"", final=True).count(UNDECODABLE)
    return "utf-8" if good >= bad else "cp1252"
