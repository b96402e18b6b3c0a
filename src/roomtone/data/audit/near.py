"""Texts that are nearly the same: found by their sketches, then compared in full."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from roomtone.data.audit.shingles import BANDS, Shingles, similarities

Indices = NDArray[np.int64]

NEAR = 0.7
"""Texts with this Jaccard similarity of their runs of characters count as near duplicates."""
ALIKE = 0.55
"""Texts with this one may come from one template."""
SHORTEST = 20
"""Characters of a folded text that is compared at all: two short texts are alike by chance."""

_ALL_PAIRS = 24  # texts that share a key and are compared each with each
_NEIGHBOURS = 3  # and of more texts, each with so many that stand beside it


@dataclass(frozen=True, eq=False)
class Links:
    """Pairs of distinct texts that are alike, each pair once.

    Attributes
    ----------
    first, second : ndarray of int64, shape [n_links]
        The texts; ``first < second``.
    similarity : ndarray of float64, shape [n_links]
        Computed in full, at least `ALIKE`.
    """

    first: Indices
    second: Indices
    similarity: NDArray[np.float64]

    def at_least(self, similarity: float) -> Links:
        """Keep the links of so much similarity."""
        kept = self.similarity >= similarity
        return Links(self.first[kept], self.second[kept], self.similarity[kept])

    def clusters(self, n_texts: int) -> Indices:
        """Give each text its group, of those that links connect, ``[n_texts]``; some are alone."""
        graph = sparse.coo_array(
            (np.ones(self.first.size, np.int8), (self.first, self.second)), shape=(n_texts, n_texts)
        )
        groups: Indices = connected_components(graph, directed=False)[1].astype(np.int64)
        return groups


def find_links(texts: Sequence[str], members: NDArray[np.bool_]) -> Links:
    """Find the texts that are alike.

    Where thousands of texts share a key, as variants of one template do, each is compared with
    the first of each file and with its neighbours: work grows with the texts, not their square.

    Parameters
    ----------
    texts : sequence of str
        Distinct folded texts, in the order in which they first occur.
    members : ndarray of bool, shape [n_texts, n_files]
        Which files a text stands in.

    Returns
    -------
    Links
        In the order of `first`, then `second`.
    """
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    long = np.flatnonzero(lengths >= SHORTEST)
    shingles = Shingles([texts[index] for index in long.tolist()])
    codes = [_candidates(shingles.keys[:, band], members[long]) for band in range(BANDS)]
    pairs = np.unique(np.concatenate(codes))
    first, second = pairs // max(long.size, 1), pairs % max(long.size, 1)
    similarity = similarities(shingles.sets, first, second)
    kept = similarity >= ALIKE
    return Links(long[first[kept]], long[second[kept]], similarity[kept])


def _candidates(keys: NDArray[np.uint64], members: NDArray[np.bool_]) -> Indices:
    """List the pairs to compare of those that share a key, each as one number."""
    count = keys.size
    order = np.argsort(keys, kind="stable")
    in_order = keys[order]
    new = np.ones(count, dtype=bool)
    new[1:] = in_order[1:] != in_order[:-1]
    run = np.cumsum(new) - 1
    sizes = np.bincount(run, minlength=1)
    few = sizes[run] <= _ALL_PAIRS
    found = []
    for distance in range(1, min(_ALL_PAIRS, count)):
        same = run[distance:] == run[:-distance]
        if distance > _NEIGHBOURS:
            same &= few[distance:]
        places = np.flatnonzero(same)
        found.append(_coded(order[places], order[places + distance], count))
    for file in range(members.shape[1]):
        places = np.flatnonzero(~few & members[order, file])
        heads, at = np.unique(run[places], return_index=True)
        head_of = np.full(sizes.size, -1, dtype=np.int64)
        head_of[heads] = order[places[at]]
        rest = np.flatnonzero(~few & (head_of[run] >= 0))
        head, other = head_of[run[rest]], order[rest]
        found.append(_coded(head[head != other], other[head != other], count))
    return np.unique(np.concatenate([*found, np.zeros(0, np.int64)]))


def _coded(one: Indices, other: Indices, count: int) -> Indices:
    codes: Indices = np.minimum(one, other) * count + np.maximum(one, other)
    return codes
