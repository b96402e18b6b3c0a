"""Pretrained word vectors (GloVe, word2vec, fastText as text) for the words of a vocabulary.

The file is read as a stream: memory depends on the vocabulary, not on the file, and numbers are
parsed only for words that are wanted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from roomtone.text.spellings import variants
from roomtone.text.vector_lines import LineReader
from roomtone.text.vector_rows import RowParser
from roomtone.text.vocabulary import EMPTY, Vocabulary

_ABSENT, _VARIANT, _EXACT = 0, 1, 2


@dataclass(frozen=True)
class PretrainedVectors:
    """Vectors for a vocabulary.

    Attributes
    ----------
    matrix : ndarray of float32, shape [len(vocabulary), dim]
        A row for each token; zeros where there is no vector, and for padding.
    found : ndarray of bool, shape [len(vocabulary)]
        Which rows came from the file.
    dim : int
        Numbers in a vector.
    types_coverage : float
        Share of the vocabulary's words, extra ones aside, that have a vector, from 0 to 1.
    tokens_coverage : float
        The same with each word weighted by how often it occurred; words that fell out of the
        vocabulary count as not covered.
    path : Path
        The file read.
    sha256 : str
        Of the file's text, unpacked.
    """

    matrix: NDArray[np.float32]
    found: NDArray[np.bool_]
    dim: int
    types_coverage: float
    tokens_coverage: float
    path: Path
    sha256: str


def read_vectors(path: str | Path, vocabulary: Vocabulary, dim: int) -> PretrainedVectors:
    """Read the vectors of a vocabulary's words from a file in text form.

    A word that the file lacks takes the vector of the first of its `variants` in the file; files
    are sorted by falling frequency, so that is the most frequent. Of a word that occurs twice the
    first vector counts.

    Parameters
    ----------
    path : str or Path
        A file with a word and its numbers on each line, separated by blanks or tabs, with or
        without the first line of word2vec (how many words, how many numbers); also ``.gz`` and
        ``.zip``.
    vocabulary : Vocabulary
        The words wanted.
    dim : int
        How many numbers a vector has.

    Returns
    -------
    PretrainedVectors

    Raises
    ------
    DataError
        If the file is missing, empty or damaged, its vectors have another size, or what should be
        numbers is not, or not finite. Lines of words that nobody wants are not looked into, except
        for the first and the last.
    """
    path = Path(path)
    lines = LineReader(path)
    table = _Table(path, vocabulary, dim)
    table.fill(lines)
    found = table.source > _ABSENT
    types, tokens = _coverage(found, vocabulary)
    return PretrainedVectors(table.matrix, found, dim, types, tokens, path, lines.sha256)


def frequent_words(path: str | Path, limit: int) -> list[str]:
    """List the first words of a file of vectors, which are the most frequent ones.

    Parameters
    ----------
    path : str or Path
        As for `read_vectors`; no more is read than needed, and no numbers are looked into.
    limit : int
        How many lines to look at.

    Raises
    ------
    DataError
        If the file is missing or damaged.
    """
    lines = (line for batch in LineReader(Path(path)) for line in batch)
    fields = (line.split(None, 2) for line in islice(lines, limit))
    # Two fields are the header of word2vec, or nothing that could be a vector.
    return [parts[0].decode("utf-8", errors="replace") for parts in fields if len(parts) > 2]


def _coverage(found: NDArray[np.bool_], vocabulary: Vocabulary) -> tuple[float, float]:
    words = slice(EMPTY + 1, vocabulary.learned)
    counts = np.array([vocabulary.counts[token] for token in vocabulary.id_to_token], dtype=float)
    counts[EMPTY] = 0  # an empty text holds no word
    types = float(found[words].mean()) if vocabulary.learned > EMPTY + 1 else 0.0
    total = float(counts.sum())
    return types, float(counts[words][found[words]].sum()) / total if total else 0.0


class _Table:
    """The rows found so far."""

    def __init__(self, path: Path, vocabulary: Vocabulary, dim: int) -> None:
        self.matrix = np.zeros((len(vocabulary), dim), dtype=np.float32)
        self.source = np.zeros(len(vocabulary), dtype=np.uint8)
        self._parser = RowParser(path, dim)
        self._exact: dict[bytes, int] = {}
        self._variants: dict[bytes, list[int]] = defaultdict(list)
        for row, token in enumerate(vocabulary.id_to_token[EMPTY + 1 :], start=EMPTY + 1):
            self._exact[token.encode()] = row
            for form in variants(token):
                self._variants[form.encode()].append(row)

    def fill(self, batches: Iterable[list[bytes]]) -> None:
        """Take the wanted vectors out of the lines of a file."""
        parser = self._parser
        # A word may hold blanks, in files that count ". . ." as one: look for its beginning.
        wanted = {word.partition(b" ")[0] for word in (*self._exact, *self._variants)}
        number, last = 0, (0, b"")
        for lines in batches:
            for line in lines:
                number += 1
                if line[: line.find(parser.separator)] in wanted or not parser.begun:
                    self._take(number, line)
            last = next(((n, line) for n, line in _backwards(number, lines) if line.strip()), last)
        parser.check_last(*last)

    def _take(self, number: int, line: bytes) -> None:
        if not self._parser.begun and not self._parser.begin(number, line):
            return
        word, values = self._parser.split(number, line)
        exact = self._exact.get(word)
        wanting = [row for row in self._variants.get(word, ()) if self.source[row] == _ABSENT]
        if exact is not None and self.source[exact] != _EXACT:
            self.matrix[exact] = self._parser.numbers(number, values)
            self.source[exact] = _EXACT
        if wanting:
            self.matrix[wanting] = self._parser.numbers(number, values)
            self.source[wanting] = _VARIANT


def _backwards(number: int, lines: list[bytes]) -> Iterator[tuple[int, bytes]]:
    """Count lines from the last one, which has the number given, to the first."""
    return zip(range(number, number - len(lines), -1), reversed(lines), strict=True)
