"""Counting the words and phrases of classes of texts, and ranking those that tell them apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from roomtone.stats.telling import log_odds
from roomtone.text.tokenizer import EMPTY_TOKEN, CommentTokenizer

LISTED = 1.96
"""The z-score below which a word is not listed."""

BY_CHANCE = 0.05
"""The share of the words called sure that chance alone may be expected to have put there."""

_RARE = 3  # in fewer texts a word tells nothing, whatever its odds
_MOST_KEPT = 500_000
_SIGNS = {"<url>": "(a link)", "<user>": "(@name)"}
_ENDINGS = frozenset(("n't", "'s", "'re", "'ve", "'ll", "'d", "'m"))
_TOKENIZER = CommentTokenizer()


@dataclass(frozen=True)
class TellingWord:
    """A word or phrase that is more frequent in one class than in the others.

    Attributes
    ----------
    written : str
        In lower case, as the tokeniser reads it; ``(a link)`` and ``(@name)`` for any of these.
    z : float
        See :class:`roomtone.stats.telling.LogOdds`.
    inside, outside : int
        In how many texts of the class, and of all others, it occurs.
    sure : bool
        Whether it stands out even among as many words as were looked at.
    """

    written: str
    z: float
    inside: int
    outside: int
    sure: bool


class WordCounts:
    """How many texts of each class hold a word, or two words side by side.

    A text counts once however often it repeats a word, so that nobody's outburst weighs more than
    other people's comments. Beyond half a million different entries those seen once are forgotten,
    which bounds memory.

    Parameters
    ----------
    num_classes : int
        How many classes there are.
    """

    def __init__(self, num_classes: int) -> None:
        self._words: list[Counter[str]] = [Counter() for _ in range(num_classes)]
        self._phrases: list[Counter[str]] = [Counter() for _ in range(num_classes)]

    def add(self, texts: Sequence[str], codes: Sequence[int]) -> None:
        """Count texts, each of the class with the code beside it.

        Raises
        ------
        DataError
            If something among the texts is not a string.
        """
        for pieces, code in zip(_TOKENIZER.tokenize_batch(texts), codes, strict=True):
            tokens = _whole(pieces)
            self._words[code].update({token for token in tokens if _tells(token)})
            self._phrases[code].update(
                {
                    f"{first} {second}"
                    for first, second in pairwise(tokens)
                    if _is_word(first) and _is_word(second)
                }
            )
        for table in (self._words, self._phrases):
            if sum(map(len, table)) > _MOST_KEPT:
                table[:] = [Counter({w: n for w, n in t.items() if n > 1}) for t in table]

    def words(self, most: int = 12) -> list[list[TellingWord]]:
        """List for each class the words that tell it from the others, the surest first.

        Of hundreds of words some stand out by chance. By the bound of Benjamini & Hochberg (1995),
        over all words and classes, the expected share of these among those called sure stays below
        `BY_CHANCE`; the others are hints.
        """
        return _ranked(self._words, most)

    def phrases(self, most: int = 6) -> list[list[TellingWord]]:
        """List for each class pairs of words, as :meth:`words` does."""
        return _ranked(self._phrases, most)


def _ranked(tables: list[Counter[str]], most: int) -> list[list[TellingWord]]:
    every: Counter[str] = Counter()
    for table in tables:
        every.update(table)
    # All words are compared, so that the rare ones count in the sizes of the classes.
    names = sorted(every)
    counts: NDArray[np.int64] = np.array(
        [[table[name] for table in tables] for name in names], dtype=np.int64
    ).reshape(len(names), len(tables))
    z = log_odds(counts).z
    total = counts.sum(axis=1)
    sure = _beyond_chance(z, total >= _RARE)
    found = []
    for code in range(len(tables)):
        listed = np.flatnonzero((z[:, code] >= LISTED) & (total >= _RARE))
        order = listed[np.argsort(-z[listed, code], kind="stable")][:most]
        found.append(
            [
                TellingWord(
                    _readable(names[row]),
                    round(float(z[row, code]), 2),
                    int(counts[row, code]),
                    int(total[row] - counts[row, code]),
                    bool(sure[row, code]),
                )
                for row in order
            ]
        )
    return found


def _beyond_chance(z: NDArray[np.float64], candidates: NDArray[np.bool_]) -> NDArray[np.bool_]:
    # Loaded here: it takes a second, and only summaries need it.
    from scipy.special import ndtr
    from scipy.stats import false_discovery_control

    sure = np.zeros(z.shape, dtype=bool)
    if candidates.any():
        p_values = ndtr(-z[candidates])
        bounds = false_discovery_control(p_values, axis=None).reshape(p_values.shape)
        sure[candidates] = bounds <= BY_CHANCE
    return sure


def _whole(pieces: Sequence[str]) -> list[str]:
    """Join what the tokeniser takes apart: "do", "n't" is one word of the person who wrote it."""
    tokens: list[str] = []
    for piece in pieces:
        if piece in _ENDINGS and tokens and _is_word(tokens[-1]):
            tokens[-1] += piece
        else:
            tokens.append(piece)
    return tokens


def _is_word(token: str) -> bool:
    return token[0] != "<" and any(letter.isalnum() for letter in token)


def _tells(token: str) -> bool:
    """Keep words, emoji, emoticons and "!!!", but no single mark of punctuation."""
    if token == EMPTY_TOKEN:
        return False
    return len(token) > 1 or token.isalnum() or ord(token) > 0x2000


def _readable(written: str) -> str:
    """Say what stands for any link or name."""
    return _SIGNS.get(written, written)
