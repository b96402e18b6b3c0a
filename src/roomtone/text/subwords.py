"""Runs of characters within words, so that a word never seen still looks like its relatives."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_OFFSET, _PRIME = np.uint32(2166136261), np.uint32(16777619)
_CHUNK = 20_000


def character_ngrams(
    words: Sequence[str], buckets: int, *, shortest: int, longest: int, limit: int
) -> NDArray[np.int32]:
    """Give each run of characters within a word a number.

    After Bojanowski et al. (2017), "Enriching Word Vectors with Subword Information", section
    3.2: a word stands between ``<`` and ``>``, and all its runs of `shortest` to `longest`
    characters are hashed (FNV-1a, over code points) into `buckets` numbers.

    Parameters
    ----------
    words : sequence of str
        The words; an empty one has no runs.
    buckets : int
        Numbers to hash into, from 0; ``buckets`` itself fills the rows up.
    shortest, longest : int
        Lengths of the runs, in characters.
    limit : int
        The most runs of a word; of a longer word the last ones are left out.

    Returns
    -------
    ndarray of int32, shape [len(words), limit]
        The numbers of each word's runs, filled up with `buckets`.

    Examples
    --------
    >>> rows = character_ngrams(["so", ""], 1000, shortest=3, longest=4, limit=4)
    >>> (rows < 1000).sum(axis=1).tolist()  # "<so", "so>", "<so>"; none
    [3, 0]
    """
    table = np.full((len(words), limit), buckets, dtype=np.int32)
    for start in range(0, len(words), _CHUNK):
        chunk = words[start : start + _CHUNK]
        _fill(table[start : start + len(chunk)], chunk, buckets, range(shortest, longest + 1))
    return table


def _fill(
    table: NDArray[np.int32], words: Sequence[str], buckets: int, sizes: Sequence[int]
) -> None:
    """Write the runs of some words into their rows of the table."""
    marked = [f"<{word}>" if word else "" for word in words]
    lengths = np.array([len(word) for word in marked])
    codes = np.frombuffer("".join(marked).encode("utf-32-le", "surrogatepass"), dtype="<u4")
    owner = np.repeat(np.arange(len(words)), lengths)  # [characters]
    left = np.repeat(np.cumsum(lengths), lengths) - np.arange(len(codes))  # to the word's end
    used = np.zeros(len(words), dtype=np.int64)
    for size in sizes:
        (begins,) = np.nonzero(left >= size)
        hashes = np.full(len(begins), _OFFSET)
        for place in range(size):
            hashes = (hashes ^ codes[begins + place]) * _PRIME
        words_of = owner[begins]
        column = used[words_of] + _rank(words_of)
        fits = column < table.shape[1]
        table[words_of[fits], column[fits]] = (hashes % np.uint32(buckets))[fits]
        used += np.bincount(words_of, minlength=len(words))


def _rank(owners: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count each entry's predecessors of the same owner; owners are in rising order."""
    first = np.searchsorted(owners, owners, side="left")
    return np.arange(len(owners)) - first
