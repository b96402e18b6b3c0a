"""Files of word vectors as lines, plain, gzipped or zipped, in chunks of bounded size."""

from __future__ import annotations

import gzip
import hashlib
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from roomtone.errors import DataError

_CHUNK = 4 << 20  # bytes
_LONGEST_LINE = 16 << 20  # bytes; 300 numbers take about 3,000
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class LineReader:
    """The lines of a file of vectors, a few thousand at a time.

    Parameters
    ----------
    path : Path
        A text file; ``.gz`` and ``.zip`` are unpacked on the way, of a zip the largest ``.txt``
        or ``.vec`` in it.

    Attributes
    ----------
    sha256 : str
        Of all text read so far, unpacked: the same vectors have the same sum however packed.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._hash = hashlib.sha256()

    @property
    def sha256(self) -> str:
        """The checksum, complete once all lines have been read."""
        return self._hash.hexdigest()

    def __iter__(self) -> Iterator[list[bytes]]:
        """Give lists of lines without their ends.

        Raises
        ------
        DataError
            If the file cannot be read, is packed and damaged, or is not made of lines.
        """
        try:
            with _opened(self.path) as file:
                yield from self._lists(file)
        except FileNotFoundError:
            raise DataError(
                f"{self.path}: no such file of word vectors; "
                "correct `embeddings.path` or --glove_path"
            ) from None
        except (
            EOFError,
            zlib.error,
            lzma.LZMAError,
            zipfile.BadZipFile,
            gzip.BadGzipFile,
        ) as error:
            raise DataError(
                f"{self.path}: damaged or cut off while unpacking ({error}); fetch it again"
            ) from None
        except (OSError, RuntimeError, NotImplementedError) as error:
            # zipfile raises the last two for members that are encrypted or packed in odd ways.
            raise DataError(f"{self.path}: cannot read the word vectors: {error}") from None

    def _lists(self, file: _Readable) -> Iterator[list[bytes]]:
        rest = b""
        first = True
        while chunk := file.read(_CHUNK):
            self._hash.update(chunk)
            if first:
                chunk, first = chunk.removeprefix(_BYTE_ORDER_MARK), False
            lines = (rest + chunk).split(b"\n")
            rest = lines.pop()
            if len(rest) > _LONGEST_LINE:
                raise DataError(
                    f"{self.path}: a line is longer than {_LONGEST_LINE >> 20} MiB; expected a "
                    "text file with a word and its numbers on each line"
                )
            yield lines
        if rest:
            yield [rest]


@contextmanager
def _opened(path: Path) -> Iterator[_Readable]:
    if path.suffix == ".gz":
        with gzip.open(path, "rb") as file:
            yield file
    elif path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive, archive.open(_largest_text(path, archive)) as member:
            yield member
    else:
        with path.open("rb") as file:
            yield file


def _largest_text(path: Path, archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    texts = [info for info in archive.infolist() if info.filename.endswith((".txt", ".vec"))]
    if not texts:
        raise DataError(f"{path}: no .txt file in it; expected one with word vectors")
    return max(texts, key=lambda info: info.file_size)
