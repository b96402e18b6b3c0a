"""Tokens to numbers: prepared texts in, one flat array out, most of the way in Rust."""

from __future__ import annotations

import re
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer, models

from roomtone.text.stretch import squeezed
from roomtone.text.tokenizer import EMPTY_TOKEN, is_one_token, pre_tokenizer, split

PAD, UNK, EMPTY = 0, 1, 2
SPECIAL_TOKENS = ("<pad>", "<unk>", EMPTY_TOKEN)
_DRAWN_OUT = re.compile(r"(\D)\1\1")


@dataclass(frozen=True)
class EncodedTexts:
    """Texts as token numbers, one after the other.

    Attributes
    ----------
    ids : ndarray of int32, shape [total]
        The numbers of all tokens of all texts.
    offsets : ndarray of int64, shape [n + 1]
        Text ``i`` is ``ids[offsets[i]:offsets[i + 1]]``, which is never empty.
    """

    ids: NDArray[np.int32]
    offsets: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, index: int) -> NDArray[np.int32]:
        index = range(len(self))[index]
        return self.ids[self.offsets[index] : self.offsets[index + 1]]

    def take(self, order: NDArray[np.int64]) -> EncodedTexts:
        """Select texts by their positions, in the order given and as often as given."""
        lengths = np.diff(self.offsets)[order]
        offsets = _offsets(lengths)
        shift = np.repeat(self.offsets[order] - offsets[:-1], lengths)
        return EncodedTexts(self.ids[np.arange(offsets[-1]) + shift], offsets)

    def cut(self, longest: int) -> EncodedTexts:
        """Keep the first tokens of each text, at most so many."""
        lengths = np.diff(self.offsets)
        if len(lengths) == 0 or lengths.max() <= longest:
            return self
        place = np.arange(len(self.ids)) - np.repeat(self.offsets[:-1], lengths)
        return EncodedTexts(self.ids[place < longest], _offsets(np.minimum(lengths, longest)))

    def padded(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Lay some texts side by side as a batch.

        Parameters
        ----------
        rows : ndarray of int64, shape [batch]
            Which texts.

        Returns
        -------
        ids : ndarray of int64, shape [batch, width]
            Their token numbers, filled up with `PAD` to the longest of them.
        lengths : ndarray of int64, shape [batch]
            Tokens of each.
        """
        starts = self.offsets[rows]
        lengths = self.offsets[rows + 1] - starts
        place = np.arange(lengths.max())
        inside = place < lengths[:, None]
        found = self.ids[np.where(inside, starts[:, None] + place, 0)]
        return np.where(inside, found, PAD).astype(np.int64), lengths

    @classmethod
    def join(cls, parts: Sequence[EncodedTexts]) -> EncodedTexts:
        """Put the texts of all parts into one."""
        ids = np.concatenate([np.empty(0, dtype=np.int32), *(part.ids for part in parts)])
        lengths = [np.empty(0, dtype=np.int64), *(np.diff(part.offsets) for part in parts)]
        return cls(ids, _offsets(np.concatenate(lengths)))


def _offsets(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    offsets = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


class TokenEncoder:
    """Look tokens up in a vocabulary, those of whole batches at once.

    A drawn-out token that the vocabulary lacks has the number of the most frequent token that it
    draws out: "goood" that of "good" rather than of "god".

    Parameters
    ----------
    token_to_id : mapping of str to int
        The number of each token, lower for a more frequent one.
    """

    def __init__(self, token_to_id: Mapping[str, int]) -> None:
        self._token_to_id = dict(token_to_id)
        self._splitter = Tokenizer(models.WordLevel(self._token_to_id, SPECIAL_TOKENS[UNK]))
        self._splitter.pre_tokenizer = pre_tokenizer()

    def number(self, token: str) -> int:
        """Look one token up; `UNK` if neither it nor what it draws out is known."""
        number = self._token_to_id.get(token)
        if number is not None:
            return number
        forms = squeezed(token) if _DRAWN_OUT.search(token) else ()
        known = (self._token_to_id[form] for form in forms if form in self._token_to_id)
        return min(known, default=UNK)

    def encode(self, prepared: Sequence[str]) -> EncodedTexts:
        """Encode prepared texts: each distinct word once, then laid out text by text."""
        words = " ".join(prepared).split(" ") if prepared else []
        distinct = dict.fromkeys(words)
        plain = [word for word in distinct if is_one_token(word)]
        mixed = [word for word in distinct if not is_one_token(word)]
        known = EncodedTexts.join([self._encode_plain(plain), self._encode_mixed(mixed)])

        place = {word: index for index, word in enumerate([*plain, *mixed])}
        order = np.fromiter(map(place.__getitem__, words), dtype=np.int64, count=len(words))
        laid = known.take(order)
        blanks = np.array([text.count(" ") for text in prepared], dtype=np.int64)
        return EncodedTexts(laid.ids, laid.offsets[_offsets(blanks + 1)])

    def _encode_plain(self, words: Sequence[str]) -> EncodedTexts:
        ids = np.fromiter(map(self.number, words), dtype=np.int32, count=len(words))
        return EncodedTexts(ids, np.arange(len(words) + 1, dtype=np.int64))

    def _encode_mixed(self, words: Sequence[str]) -> EncodedTexts:
        ids = array("i")
        ends = array("q", [0])
        encodings = self._splitter.encode_batch_fast(words, add_special_tokens=False)
        for word, encoding in zip(words, encodings, strict=True):
            row = encoding.ids or [EMPTY]
            if UNK in row and _DRAWN_OUT.search(word):
                row = [self.number(token) for token in split(word)]
            ids.extend(row)
            ends.append(len(ids))
        return EncodedTexts(np.array(ids, dtype=np.int32), np.array(ends, dtype=np.int64))
