"""Finding the known words and phrases in sequences of words, many texts at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[Any]


class Phrases:
    """Words and phrases, each with a column.

    A phrase is known by the phrase that it begins with and its last word, so that the texts are
    gone through once for each length, as arrays of numbers.

    Parameters
    ----------
    phrases : sequence of str
        Words, and words joined by a blank, in the order of their columns.

    Attributes
    ----------
    words : dict of str to int
        The code of each word of any phrase.
    columns : list of int
        The column of each word by its code, -1 where the word alone is no phrase; after the last
        word once more -1, so that the code -1 of an unknown word finds it.

    Examples
    --------
    >>> known = Phrases(["so good", "good"])
    >>> codes = np.array([known.words.get(word, -1) for word in ["so", "good", "so", "bad"]])
    >>> known.find(codes, np.array([0, 4]))
    (array([0]), array([0, 1]))
    """

    def __init__(self, phrases: Sequence[str]) -> None:
        self.words: dict[str, int] = {}
        self.columns: list[int] = []
        self._lengths: list[tuple[IntArray, IntArray]] = []
        longer: list[dict[tuple[int, ...], int]] = []
        for column, phrase in enumerate(phrases):
            words = [self._code(word) for word in phrase.split(" ")]
            if len(words) == 1:
                self.columns[words[0]] = column
                continue
            while len(longer) < len(words) - 1:
                longer.append({})
            for length in range(2, len(words)):
                longer[length - 2].setdefault(tuple(words[:length]), -1)
            longer[len(words) - 2][tuple(words)] = column
        self.columns.append(-1)
        self._number_by_length(longer)

    def _code(self, word: str) -> int:
        code = self.words.setdefault(word, len(self.words))
        if code == len(self.columns):
            self.columns.append(-1)
        return code

    def _number_by_length(self, longer: list[dict[tuple[int, ...], int]]) -> None:
        """For each length keep the keys, beginning × words + last word, sorted, with columns."""
        places: dict[tuple[int, ...], int] = {(code,): code for code in self.words.values()}
        for known in longer:
            keys = np.array(
                [places[words[:-1]] * len(self.words) + words[-1] for words in known], np.int64
            )
            order = np.argsort(keys)
            columns = np.fromiter(known.values(), np.int64, len(known))
            self._lengths.append((keys[order], columns[order]))
            ranks = np.empty(len(known), np.int64)
            ranks[order] = np.arange(len(known))
            places = dict(zip(known, ranks.tolist(), strict=True))

    @property
    def longest(self) -> int:
        """Words of the longest phrase."""
        return 1 + len(self._lengths)

    def find(self, codes: IntArray, offsets: IntArray) -> tuple[IntArray, IntArray]:
        """Find the phrases of two words and more.

        Parameters
        ----------
        codes : ndarray of int, shape [words]
            Words of all texts, one text after the other.
        offsets : ndarray of int, shape [texts + 1]
            Where each text begins.

        Returns
        -------
        columns : ndarray of int, shape [found]
            The column of each phrase found, text by text.
        offsets : ndarray of int, shape [texts + 1]
            Where each text begins in them.
        """
        texts = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
        begin, places = np.arange(len(codes)), np.asarray(codes, np.int64)
        columns, rows = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        for length, (keys, known) in enumerate(self._lengths, start=2):
            last = begin + length - 1
            inside = (places >= 0) & (last < len(codes))
            begin, last, places = begin[inside], last[inside], places[inside]
            inside = (codes[last] >= 0) & (texts[last] == texts[begin])
            begin, places = begin[inside], places[inside]
            wanted = places * len(self.words) + codes[last[inside]]
            found = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
            hit = keys[found] == wanted
            begin, places = begin[hit], found[hit]
            is_feature = known[places] >= 0
            columns.append(known[places[is_feature]])
            rows.append(texts[begin[is_feature]])
        row = np.concatenate(rows)
        order = np.argsort(row, kind="stable")
        counts = np.bincount(row, minlength=len(offsets) - 1)
        return np.concatenate(columns)[order], np.concatenate([[0], np.cumsum(counts)])
