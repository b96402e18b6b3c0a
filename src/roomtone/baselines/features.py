"""TF-IDF features as scikit-learn computes them, bit for bit, without it and several times as fast.

No word, and no run of characters of a word, reaches across a blank. So the features of each
distinct stretch between blanks are found once, and a text's counts are a sum over its stretches;
pairs of words alone need the order of the text.
"""

from __future__ import annotations

import re
from array import array
from collections import defaultdict
from collections.abc import Sequence
from itertools import chain, repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from roomtone.baselines.phrases import Phrases
from roomtone.baselines.tfidf import CHARACTERS, TOKEN_PATTERN

_CACHED = 65_536  # stretches, of at most so many characters
_LONGEST_CACHED = 40
_UNKNOWN = (array("i", [-1]).tobytes(),) * 2

IntArray = NDArray[Any]


class TextFeatures:
    """Sublinear TF-IDF of words and phrases, and of runs of characters, each of length one.

    Parameters
    ----------
    phrases : sequence of str
        Words, and words joined by a blank, in the order of their columns.
    runs : sequence of str
        Runs of characters within blanks, in the order of the columns that follow.
    idf : ndarray of float32, shape [columns]
        Inverse document frequencies.
    lengths : tuple of int
        Shortest and longest run of characters.
    """

    def __init__(
        self,
        phrases: Sequence[str],
        runs: Sequence[str],
        idf: NDArray[np.float32],
        lengths: tuple[int, int] = CHARACTERS,
    ) -> None:
        self.idf = idf
        self._phrases = Phrases(phrases)
        self._first_run = len(phrases)
        self._stretches = _Stretches(self._phrases, runs, self._first_run, lengths)

    def transform(self, texts: Sequence[str]) -> sparse.csr_array:
        """Compute the features, float32, ``[n, columns]``, columns ascending in each row."""
        singles, longer = self.parts(texts)
        features = (singles + longer).tocsr()
        features.sort_indices()
        return features

    def parts(self, texts: Sequence[str]) -> tuple[sparse.csr_array, sparse.csr_array]:
        """Compute the features as two matrices that add up to them, for speed in no order.

        Returns
        -------
        tuple of csr_array of float32, shape [n, columns]
            Single words and runs of characters; phrases.
        """
        split = [text.lower().split() for text in texts]
        offsets = _offsets([len(stretches) for stretches in split])
        distinct: defaultdict[str, int] = defaultdict()
        distinct.default_factory = distinct.__len__
        codes = np.fromiter(
            map(distinct.__getitem__, chain.from_iterable(split)), np.int32, int(offsets[-1])
        )
        # Without any stretch at all: one, without features, that is in no text.
        found = list(map(self._stretches.__getitem__, distinct)) or [(b"", b"")]
        (words, word_starts), columns = (_joined(parts) for parts in zip(*found, strict=True))
        of_stretches = self._matrix(*_without_unknown(*columns))
        of_texts = sparse.csr_array(
            (np.ones(len(codes), np.float32), codes, offsets), shape=(len(texts), len(found))
        )
        singles = of_texts @ of_stretches
        if self._phrases.longest == 1:
            return self._weigh(singles, self._matrix(codes[:0], np.zeros_like(offsets)))
        longer = self._matrix(*self._phrases.find(*_gather(words, word_starts, codes, offsets)))
        longer.sum_duplicates()
        return self._weigh(singles, longer)

    def _matrix(self, columns: IntArray, offsets: IntArray) -> sparse.csr_array:
        ones = np.ones(len(columns), np.float32)
        return sparse.csr_array((ones, columns, offsets), shape=(len(offsets) - 1, len(self.idf)))

    def _weigh(self, *parts: sparse.csr_array) -> tuple[sparse.csr_array, ...]:
        """Turn counts into weights; the squares of a row's words add up to 1, as do its runs'.

        Each weight is at least 1 before it is divided, and a square has 24 bits, so that the sums
        are exact in double precision, in whatever order.
        """
        squares = np.zeros(2 * parts[0].shape[0])
        places = []
        for part in parts:
            part.data = (np.log(part.data) + np.float32(1)) * self.idf[part.indices]
            rows = np.repeat(np.arange(part.shape[0]), np.diff(part.indptr))
            places.append(2 * rows + (part.indices >= self._first_run))
            squares += np.bincount(places[-1], part.data * part.data, len(squares))
        norms = np.sqrt(squares)
        for part, place in zip(parts, places, strict=True):
            part.data = (part.data / norms[place]).astype(np.float32)
        return parts


class _Stretches(dict[str, tuple[bytes, bytes]]):
    """For each stretch between blanks the codes of its words, and the columns of its features.

    Both are 32-bit numbers as bytes, which are joined faster than arrays; -1 is what is unknown.
    """

    def __init__(
        self, phrases: Phrases, runs: Sequence[str], first: int, lengths: tuple[int, int]
    ) -> None:
        super().__init__()
        self._tokens = re.compile(TOKEN_PATTERN).findall
        self._words = phrases.words
        self._columns = phrases.columns
        self._runs = {run: first + place for place, run in enumerate(runs)}
        self._lengths = lengths

    def __missing__(self, stretch: str) -> tuple[bytes, bytes]:
        # Of letters and digits alone, as most are, it is one token.
        one = stretch.isalnum()
        if one and not self._runs and stretch not in self._words:
            return _UNKNOWN
        words = [stretch] if one else self._tokens(stretch)
        codes = array("i", map(self._words.get, words, repeat(-1)))
        columns = array("i", map(self._columns.__getitem__, codes))
        if self._runs:
            columns.extend(map(self._runs.get, _runs(stretch, *self._lengths), repeat(-1)))
        entry = codes.tobytes(), columns.tobytes()
        if len(stretch) <= _LONGEST_CACHED and len(self) < _CACHED:
            self[stretch] = entry
        return entry


def _runs(stretch: str, shortest: int, longest: int) -> list[str]:
    """List the runs of characters of a stretch with a blank at each end, as `char_wb` does."""
    padded = f" {stretch} "
    found: list[str] = []
    for length in range(shortest, longest + 1):
        last = len(padded) - length
        if last <= 0:  # the whole, once
            found.append(padded)
            break
        found += [padded[start : start + length] for start in range(last + 1)]
    return found


def _joined(parts: Sequence[bytes]) -> tuple[IntArray, IntArray]:
    """Put numbers that are kept as bytes into one array, and say where each part begins."""
    return np.frombuffer(b"".join(parts), np.int32), _offsets([len(part) // 4 for part in parts])


def _without_unknown(columns: IntArray, starts: IntArray) -> tuple[IntArray, IntArray]:
    known = columns >= 0
    return columns[known], _offsets(known)[starts]


def _offsets(lengths: Sequence[int] | IntArray) -> IntArray:
    return np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])


def _gather(
    values: IntArray, starts: IntArray, codes: IntArray, offsets: IntArray
) -> tuple[IntArray, IntArray]:
    """Replace each code by the values of its part; return them, and where each text begins."""
    lengths = np.diff(starts)[codes]
    ends = _offsets(lengths)
    place = np.arange(ends[-1]) + np.repeat(starts[:-1][codes] - ends[:-1], lengths)
    return values[place], ends[offsets]
