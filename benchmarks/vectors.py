"""Word vectors in text form: how wide they are, and those of some words in fastText's form."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from roomtone.errors import DataError


def width_of(path: Path) -> int:
    """Count the numbers of a vector."""
    for line in _lines(path):
        return len(line.split(b" ")) - 1
    raise DataError(f"{path} holds no word vectors")


def write_vec(path: Path, words: set[str], target: Path) -> int:
    """Write the vectors of some words under the line that fastText wants first; give the width."""
    wanted = {word.encode() for word in words}
    kept = [line for line in _lines(path) if line.partition(b" ")[0] in wanted]
    width = width_of(path)
    with target.open("wb") as file:
        file.write(b"%d %d\n" % (len(kept), width))
        file.writelines(line + b"\n" for line in kept)
    return width


def _lines(path: Path) -> Iterator[bytes]:
    """Yield the lines that hold vectors, in GloVe's form or in word2vec's."""
    with path.open("rb") as file:
        for number, line in enumerate(file):
            text = line.rstrip()
            if text and not (number == 0 and text.count(b" ") == 1):
                yield text
