"""Reading the human-rated texts of Hutto & Gilbert (2014) out of their archive."""

from __future__ import annotations

import html
import io
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from roomtone.errors import DataError

INNER_ARCHIVE = "additional_resources/hutto_ICWSM_2014.tar.gz"
FILES = {
    "tweets": "tweets_GroundTruth.txt",
    "movies": "movieReviewSnippets_GroundTruth.txt",
    "products": "amazonReviewSnippets_GroundTruth.txt",
    "editorials": "nytEditorialSnippets_GroundTruth.txt",
}


@dataclass(frozen=True)
class Snippet:
    """One rated text.

    Attributes
    ----------
    source : str
        One of the keys of `FILES`.
    identifier : str
        The text's id within its source. The single ratings stand under the same id in the file
        whose name ends in ``_anonDataRatings.txt``; for 199 of the tweets their mean is not the
        published one.
    text : str
        The text, HTML entities resolved, without outer blanks.
    mean_rating : float
        Mean of 15 to 99 ratings from -4 (most negative) to 4 (most positive).
    """

    source: str
    identifier: str
    text: str
    mean_rating: float


def read_snippets(archive: Path) -> list[Snippet]:
    """Read all four sources; nothing is unpacked to disk.

    Parameters
    ----------
    archive : Path
        The source package of vaderSentiment 0.5, a zip file with a tar archive inside.

    Returns
    -------
    list of Snippet
        In the order of `FILES`, and of the lines within each.

    Raises
    ------
    DataError
        If the archive or a file inside it is not as expected.
    """
    try:
        with zipfile.ZipFile(archive) as outer:
            name = next(name for name in outer.namelist() if name.endswith("/" + INNER_ARCHIVE))
            packed = io.BytesIO(outer.read(name))
        with tarfile.open(fileobj=packed, mode="r:gz") as inner:
            return [
                snippet
                for source, file in FILES.items()
                for snippet in _parse(source, file, _member(inner, file))
            ]
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, StopIteration) as error:
        raise DataError(
            f"{archive} is no source package of vaderSentiment 0.5 with {INNER_ARCHIVE} inside "
            f"({type(error).__name__}: {error}). Delete it and try again."
        ) from error


def _member(inner: tarfile.TarFile, file: str) -> bytes:
    """Read a regular file by its name alone; links and folders do not count."""
    for member in inner:
        if member.isfile() and Path(member.name).name == file:
            stream = inner.extractfile(member)
            if stream is not None:
                return stream.read()
    raise DataError(f"{INNER_ARCHIVE} holds no file {file}")


def _parse(source: str, file: str, content: bytes) -> Iterator[Snippet]:
    """Read lines of ``id TAB mean TAB text``: UTF-8, Windows line ends, perhaps a BOM."""
    try:
        lines = content.decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise DataError(f"{file} is not UTF-8: byte {error.start}") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            identifier, mean, text = line.split("\t", 2)
            rating = float(mean)
        except ValueError:
            raise DataError(
                f"{file}, line {number}: expected an id, a mean rating and a text with tabs "
                f"between them, found {line[:60]!r}"
            ) from None
        if not -4 <= rating <= 4:
            raise DataError(f"{file}, line {number}: mean rating {mean}, expected -4 to 4")
        # Twice, because some of the texts were escaped twice: "&amp;#38;" for "&".
        text = html.unescape(html.unescape(text)).strip()
        yield Snippet(source, identifier, text, rating)
