"""Texts as sets of character runs, and small sketches of the sets by which like texts meet.

The sketch is MinHash: the least values of a set under random hash functions agree, for two sets,
with a chance equal to their Jaccard similarity (Broder 1997, "On the resemblance and containment
of documents"). The hash functions multiply by odd numbers modulo 2^64 (Dietzfelbinger et al.
1997). Everything is computed for many texts at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Hashes = NDArray[np.uint64]

WIDTH = 5
"""Characters of a run."""
BANDS, ROWS = 24, 4
"""A sketch is so many keys, each of so many least values."""

_CHUNK = 1 << 18  # characters at a time: what a processor's cache holds
_ODD = np.uint64(0x9E3779B97F4A7C15)  # 2^64 divided by the golden ratio
_COLUMNS = 2**31 - 1


class Shingles:
    """The sets of character runs of texts.

    Parameters
    ----------
    texts : sequence of str
        Folded texts; one shorter than a run is a run itself.

    Attributes
    ----------
    sets : csr_array of int32, shape [n_texts, 2^31 - 1]
        Ones where a text has the run whose hash is the column's number.
    keys : ndarray of uint64, shape [n_texts, BANDS]
        Sketches: two texts of Jaccard similarity ``s`` have a key in common with a chance of
        ``1 - (1 - s^ROWS)^BANDS``, which is 0.91 for 0.55 and 0.999 for 0.7.
    """

    def __init__(self, texts: Sequence[str], *, seed: int = 42) -> None:
        draw = np.random.default_rng(seed)
        self._factors = draw.integers(1, 2**63, BANDS * ROWS, dtype=np.uint64) * 2 + 1
        keys, columns, lengths = [], [], [np.zeros(1, dtype=np.int64)]
        for hashes, starts in _hashed(texts):
            keys.append(self._keys(hashes, starts))
            sizes = np.diff(np.append(starts, hashes.size))
            row = np.repeat(np.arange(starts.size, dtype=np.int64), sizes)
            # Sorted and each once within a text, as products of the rows want them.
            both = np.unique(row << 31 | (hashes >> np.uint64(33)).astype(np.int64))
            columns.append((both & _COLUMNS).astype(np.int32))
            lengths.append(np.bincount(both >> 31, minlength=starts.size))
        found = np.concatenate([*columns, np.zeros(0, np.int32)])
        offsets = np.cumsum(np.concatenate(lengths))
        ones = np.ones(found.size, dtype=np.int32)
        self.keys = np.concatenate([*keys, np.zeros((0, BANDS), np.uint64)])
        self.sets = sparse.csr_array(
            (ones, found, offsets), shape=(len(texts), _COLUMNS + 1), copy=False
        )

    def _keys(self, hashes: Hashes, starts: NDArray[np.int64]) -> Hashes:
        keys = np.empty((starts.size, BANDS), dtype=np.uint64)
        product = np.empty_like(hashes)
        for band in range(BANDS):
            key = np.full(starts.size, band, dtype=np.uint64)
            for factor in self._factors[band * ROWS : (band + 1) * ROWS]:
                np.multiply(hashes, factor, out=product)
                key = _mixed(key ^ np.minimum.reduceat(product, starts))
            keys[:, band] = key
        return keys


def similarities(
    sets: sparse.csr_array, first: NDArray[np.int64], second: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Compute the Jaccard similarity of pairs of sets, exactly.

    Parameters
    ----------
    sets : csr_array, shape [n_texts, columns]
        As of `Shingles`.
    first, second : ndarray of int64, shape [n_pairs]
        The rows of each pair.

    Returns
    -------
    ndarray of float64, shape [n_pairs]
        Shared runs as a share of all runs of either text, 0 to 1.
    """
    sizes = np.diff(sets.indptr).astype(np.int64)
    result = np.empty(first.size)
    ends = np.cumsum(sizes[first] + sizes[second])
    start = 0
    while start < first.size:
        before = ends[start - 1] if start else 0
        stop = max(int(np.searchsorted(ends, before + 8 * _CHUNK)), start + 1)
        one, other = first[start:stop], second[start:stop]
        shared = sets[one].multiply(sets[other]).sum(axis=1)
        result[start:stop] = shared / (sizes[one] + sizes[other] - shared)
        start = stop
    return result


def _hashed(texts: Sequence[str]) -> Iterator[tuple[Hashes, NDArray[np.int64]]]:
    """Hash the runs of some texts at a time; give where each text's begin."""
    start = 0
    while start < len(texts):
        stop, size = start, 0
        while stop < len(texts) and (size < _CHUNK or stop == start):
            size += len(texts[stop])
            stop += 1
        # A text shorter than a run is filled up with null characters, which no folded text has.
        padded = [text.ljust(WIDTH, "\0") for text in texts[start:stop]]
        yield _hash_runs(padded)
        start = stop


def _hash_runs(texts: Sequence[str]) -> tuple[Hashes, NDArray[np.int64]]:
    joined = "".join(texts).encode("utf-32-le", "surrogatepass")
    codes = np.frombuffer(joined, dtype="<u4").astype(np.uint64)
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    runs = codes.size - WIDTH + 1
    hashes = np.zeros(runs, dtype=np.uint64)
    for place in range(WIDTH):
        hashes = hashes * _ODD + codes[place : place + runs]
    # Runs that reach into the next text are left out.
    ends = np.cumsum(lengths)
    within = np.ones(codes.size, dtype=bool)
    for place in range(1, WIDTH):
        within[ends - place] = False
    starts = np.concatenate([[0], np.cumsum(lengths - WIDTH + 1)[:-1]])
    return _mixed(hashes[within[:runs]]), starts


def _mixed(values: Hashes) -> Hashes:
    """Scatter values over all 64 bits (the finaliser of SplitMix64, Steele et al. 2014)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
