"""Text that comes through a pipe, such as standard input."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from roomtone.data.encodings import GZIP, HEAD, explained
from roomtone.data.sniffing import find_encoding, majority


@dataclass(frozen=True)
class TextPipe:
    """Text that comes from a pipe and can be read once.

    Attributes
    ----------
    path : Path
        What messages call it.
    gzipped : bool
        Whether its bytes are compressed.
    encoding : str
        The Python codec that reads it.
    raw : BufferedReader
        Where the bytes come from.
    """

    path: Path
    gzipped: bool
    encoding: str
    raw: io.BufferedReader

    @contextmanager
    def lines(self) -> Iterator[IO[str]]:
        """Read line by line, as `TextFile.lines` does."""
        with explained(self.path):
            raw = gzip.GzipFile(fileobj=self.raw, mode="rb") if self.gzipped else self.raw
            stream = io.TextIOWrapper(raw, self.encoding, errors="roomtone.mark", newline="")
            try:
                yield stream
            finally:
                stream.detach()  # else it would close the pipe, which is not its own


def inspect_pipe(
    raw: io.BufferedReader, name: str, *, encoding: str = "auto", setting: str = "data.encoding"
) -> TextPipe:
    """Find out how to read a pipe, by the rules of `inspect_file` applied to its first bytes.

    Parameters
    ----------
    raw : BufferedReader
        Where the bytes come from; what is looked at is not consumed.
    name : str
        What messages call it.
    encoding : str, default "auto"
        Name of a Python codec, if it is known.
    setting : str
        What the user sets to name one, for error messages.

    Raises
    ------
    DataError
        If it is empty or no text, or the encoding is unknown.
    """
    path = Path(name)
    with explained(path):
        head = raw.peek(HEAD)
        gzipped = head.startswith(GZIP)
        if gzipped:
            head = zlib.decompressobj(wbits=31).decompress(head, HEAD)
    whole_lines = head[: head.rfind(b"\n") + 1] or head
    found = find_encoding(
        path, head, lambda: majority([whole_lines]), encoding=encoding, setting=setting
    )
    return TextPipe(path, gzipped, found, raw)
