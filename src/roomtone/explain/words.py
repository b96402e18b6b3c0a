"""The words of a text as a person wrote it: what explanations weigh, mark and leave out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from roomtone.text import CommentTokenizer, Token
from roomtone.texts import checked_texts

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_TOKENIZER = CommentTokenizer()


@dataclass(frozen=True)
class Word:
    """A word, or a sign, and its place in the text.

    Attributes
    ----------
    token : str
        What a model reads: lower case, ``<url>`` for a link.
    start, end : int
        It was written as ``text[start:end]``, which is never empty.
    """

    token: str
    start: int
    end: int


@dataclass(frozen=True, eq=False)
class ReadText:
    """A text and its words, in their order; no two overlap.

    Attributes
    ----------
    text : str
        As it was written.
    words : tuple of Word
        Its words; none where nothing visible was written.
    of_token : ndarray of int64, shape [tokens]
        The word that each token of the tokeniser belongs to. Tokens that come from the same
        characters, as from a ligature that stands for two words, share a word.
    """

    text: str
    words: tuple[Word, ...]
    of_token: IntArray

    def written(self, place: int) -> str:
        """Give a word as it was written."""
        word = self.words[place]
        return self.text[word.start : word.end]

    def without(self, places: Iterable[int]) -> str:
        """Put a blank in the place of some words, so that their neighbours stay apart.

        A tag whose ``#`` goes is parted into its words, which only the sign held apart.
        """
        gone, parts, done, in_tag = set(places), [], 0, False
        for place, word in enumerate(self.words):
            touching = place > 0 and word.start == self.words[place - 1].end
            if place in gone:
                parts += [self.text[done : word.start], " "]
                done = word.end
                in_tag = word.token == "#"
            elif in_tag and touching:
                parts += [self.text[done : word.start], " "]
                done = word.start
            else:
                in_tag = False
        return "".join([*parts, self.text[done:]])

    def by_word(self, values: FloatArray) -> FloatArray:
        """Sum the values of the first tokens, ``[tokens read]``, for each word, ``[words]``."""
        if not self.words:
            return np.zeros(0)
        places = self.of_token[: len(values)]
        sums: FloatArray = np.bincount(places, values, len(self.words)).astype(np.float64)
        return sums


def read_words(text: str) -> ReadText:
    """Find the words of a text.

    Raises
    ------
    DataError
        If `text` is not a string.
    """
    tokens = _TOKENIZER.tokenize_with_offsets(checked_texts([text])[0])
    words: list[Word] = []
    of_token = []
    for token in tokens:
        if token.start == token.end:  # the sign for a text with nothing in it
            continue
        if words and token.start < words[-1].end:
            words[-1] = _merged(words[-1], token)
        else:
            words.append(Word(token.text, token.start, token.end))
        of_token.append(len(words) - 1)
    return ReadText(text, tuple(words), np.array(of_token, dtype=np.int64))


def read_all(texts: Sequence[str]) -> list[ReadText]:
    """Find the words of several texts."""
    return [read_words(text) for text in checked_texts(texts)]


def _merged(word: Word, token: Token) -> Word:
    return Word(f"{word.token} {token.text}", word.start, max(word.end, token.end))
