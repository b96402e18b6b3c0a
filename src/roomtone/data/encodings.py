"""Files of text as people have them: their bytes, their compression and their encoding."""

from __future__ import annotations

import gzip
import hashlib
import io
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from roomtone.data.sniffing import find_encoding, majority
from roomtone.errors import DataError

HEAD = 65536
GZIP = b"\x1f\x8b"


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


def inspect_file(
    path: str | Path, *, encoding: str = "auto", setting: str = "data.encoding"
) -> TextFile:
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
    setting : str
        What the user sets to name one, for error messages.

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
        gzipped = raw.read(2) == GZIP
    with _open_bytes(path, gzipped=gzipped) as raw:
        head = raw.read(HEAD)
    found = find_encoding(
        path, head, lambda: _eight_bit(path, gzipped=gzipped), encoding=encoding, setting=setting
    )
    return TextFile(path, gzipped, found, sha256)


@contextmanager
def _open_bytes(path: Path, *, gzipped: bool) -> Iterator[gzip.GzipFile | io.BufferedReader]:
    with explained(path), gzip.open(path, "rb") if gzipped else path.open("rb") as raw:
        yield raw


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what goes wrong while reading into an error that names the file."""
    try:
        yield
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


def _eight_bit(path: Path, *, gzipped: bool) -> str:
    with _open_bytes(path, gzipped=gzipped) as raw:
        return majority(iter(lambda: raw.read(1 << 20), b""))
