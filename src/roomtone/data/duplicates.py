"""Comments that occur twice: within a split, across splits, and with labels that disagree."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from roomtone.text import CommentTokenizer

Keys = NDArray[np.uint64]

_SHOWN_LINES = 5
_CHUNK = 8192
# What tells two texts apart: words, signed numbers, emoticons, and every character that is
# neither a blank nor a punctuation mark, emoji above all. "ok :)" is not "ok :(".
_MARKS = r"!-/:-@\[-`{-~¡§«¶·»¿\u2010-\u2027\u2030-\u205e\u3001-\u3003\u3008-\u3011"
_PART = re.compile(
    r"<url>|<user>|(?<!\w)[+-]?\d+|\^[_.-]*\^|-_+-|\w+|</?3"
    r"|[:;=][-o^]?(?:[()\[\]/\\|@*{}]|[dpo3sx](?!\w))|[()\[\]][-o^]?[:;=]"
    rf"|[^\w\s{_MARKS}]"
)


@dataclass(frozen=True)
class TextKeys:
    """Hashes by which texts are compared.

    Attributes
    ----------
    exact : ndarray of uint64, shape (n_texts,)
        Equal for texts that are the same, character by character.
    normalized : ndarray of uint64, shape (n_texts,)
        Equal also for texts that differ in case, punctuation, blanks, links or user names alone.
    """

    exact: Keys
    normalized: Keys

    @classmethod
    def of(cls, texts: Sequence[str], folded: Iterable[str] | None = None) -> TextKeys:
        """Hash texts; `folded` is what `fold` gives for them, where it is known already."""
        return cls(_hashes(texts), _hashes(fold(texts) if folded is None else folded))

    def __getitem__(self, rows: NDArray[np.bool_]) -> TextKeys:
        """Keep the keys of some rows."""
        return TextKeys(self.exact[rows], self.normalized[rows])


@dataclass(frozen=True)
class Duplicates:
    """Texts that occur more than once in one split.

    Attributes
    ----------
    exact, normalized : int
        Rows beyond the first of each text, compared as they stand and after normalising.
    conflicting_texts, conflicting_rows : int
        Texts (after normalising) that carry more than one label, and their rows.
    conflicting_lines : tuple of tuple of int
        The first lines of the first such texts.
    """

    exact: int
    normalized: int
    conflicting_texts: int
    conflicting_rows: int
    conflicting_lines: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Overlap:
    """Rows of one split whose text also stands in an earlier one.

    Attributes
    ----------
    source, split : str
        The earlier split and the one whose rows are counted.
    exact, normalized : int
        Rows found there as they stand, and after normalising.
    share : float
        Share of the split's rows that are found after normalising, 0 to 1.
    conflicting : int
        Those among them whose label the earlier split never gives to this text.
    lines : tuple of int
        The first lines of such rows, in the split's file.
    """

    source: str
    split: str
    exact: int
    normalized: int
    share: float
    conflicting: int
    lines: tuple[int, ...]


def fold(texts: Sequence[str]) -> Iterator[str]:
    """Reduce texts to what distinguishes them from others.

    Case, punctuation and blanks are dropped; links, user names and stretched letters become what
    the tokeniser makes of them. A text of punctuation alone is kept as the tokeniser sees it.

    Parameters
    ----------
    texts : sequence of str
        The comments.

    Yields
    ------
    str
        One for each text.

    Examples
    --------
    >>> list(fold(["GREAT film, @anna!!  see https://a.example/b :)"]))
    ['great film <user> see <url> :)']
    """
    tokenizer = CommentTokenizer()
    for start in range(0, len(texts), _CHUNK):
        for prepared in tokenizer.prepare(texts[start : start + _CHUNK]):
            parts = _PART.findall(prepared.casefold().replace("'", ""))
            yield " ".join(parts) or prepared


def find_duplicates(
    keys: TextKeys, labels: NDArray[np.int64], lines: NDArray[np.int64]
) -> Duplicates:
    """Count the texts of one split that occur more than once.

    Parameters
    ----------
    keys : TextKeys
        Of the split's texts.
    labels, lines : ndarray of int64, shape (n_texts,)
        Class code and line of each text.
    """
    n_rows = len(labels)
    unique, group = np.unique(keys.normalized, return_inverse=True)
    lowest = np.full(len(unique), np.iinfo(np.int64).max)
    highest = np.full(len(unique), -1)
    np.minimum.at(lowest, group, labels)
    np.maximum.at(highest, group, labels)
    torn = lowest < highest
    rows = np.flatnonzero(torn[group])
    by_text: dict[int, list[int]] = {}
    for row in rows.tolist():
        by_text.setdefault(int(group[row]), []).append(int(lines[row]))
    return Duplicates(
        exact=n_rows - len(np.unique(keys.exact)),
        normalized=n_rows - len(unique),
        conflicting_texts=int(torn.sum()),
        conflicting_rows=len(rows),
        conflicting_lines=tuple(
            tuple(found[:_SHOWN_LINES]) for found in list(by_text.values())[:_SHOWN_LINES]
        ),
    )


def find_overlap(
    source: tuple[str, TextKeys, NDArray[np.int64]],
    split: tuple[str, TextKeys, NDArray[np.int64]],
    lines: NDArray[np.int64],
) -> Overlap:
    """Count the rows of a split whose text also stands in an earlier one.

    Parameters
    ----------
    source, split : tuple of str, TextKeys, ndarray of int64
        Name, keys and labels of the two splits.
    lines : ndarray of int64, shape (n_texts,)
        The line of each row of `split`.
    """
    source_name, source_keys, source_labels = source
    name, keys, labels = split
    known = np.isin(keys.normalized, source_keys.normalized)
    agreeing = np.isin(
        _with_label(keys.normalized, labels), _with_label(source_keys.normalized, source_labels)
    )
    return Overlap(
        source=source_name,
        split=name,
        exact=int(np.isin(keys.exact, source_keys.exact).sum()),
        normalized=int(known.sum()),
        share=float(known.mean()) if len(known) else 0.0,
        conflicting=int((known & ~agreeing).sum()),
        lines=tuple(int(line) for line in lines[known][:_SHOWN_LINES]),
    )


def _hashes(texts: Iterable[str]) -> Keys:
    # 64 bits: among a million texts, two different ones meet with a chance of 3 in 100 million.
    digests = b"".join(
        blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest() for text in texts
    )
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)


def _with_label(keys: Keys, labels: NDArray[np.int64]) -> Keys:
    # Hashes of different texts differ in their high bits, so the low ones can take the label up.
    return keys ^ labels.astype(np.uint64)
