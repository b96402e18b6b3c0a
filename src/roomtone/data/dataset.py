"""Labelled texts, encoded once into one flat array."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from roomtone.data.tables import LabelledTexts, read_labelled
from roomtone.errors import DataError
from roomtone.labels import LabelScheme
from roomtone.text import Vocabulary

MAX_LEN = 200


class SentimentDataset:
    """Texts and labels, ready to be drawn in batches.

    Parameters
    ----------
    texts : sequence of str
        The comments.
    labels : sequence of int or str
        One label for each text; strings as the label scheme reads them.
    vocab : Vocabulary
        Gives each token its code.
    max_len : int
        Longest text in tokens; the rest is cut.
    scheme : LabelScheme, optional
        The classes; negative, neutral, positive where not given.

    Attributes
    ----------
    vocab : Vocabulary
        What gave the token codes.
    encoded : EncodedTexts
        Token codes before the cut.
    ids : ndarray
        Token codes of all texts one after the other, int32, ``[tokens]``.
    offsets : ndarray
        Where each text starts in `ids`, int64, ``[texts + 1]``.
    labels : ndarray
        Class codes, int64, ``[texts]``.

    Raises
    ------
    DataError
        If there are not as many labels as texts, or a label is unknown.
    """

    def __init__(
        self,
        texts: Sequence[str],
        labels: Sequence[int | str],
        vocab: Vocabulary,
        max_len: int = MAX_LEN,
        *,
        scheme: LabelScheme | None = None,
    ) -> None:
        if len(texts) != len(labels):
            raise DataError(f"{len(texts)} texts but {len(labels)} labels; one for each is needed")
        self.scheme = scheme or LabelScheme()
        self.texts = list(texts)
        self.vocab = vocab
        self.labels = np.array([self.scheme.parse(label) for label in labels], dtype=np.int64)
        self.encoded = vocab.encode_batch(self.texts)
        cut = self.encoded.cut(max_len)
        self.ids, self.offsets = cut.ids, cut.offsets

    def __len__(self) -> int:
        return len(self.texts)

    def __getitem__(self, row: int) -> tuple[np.ndarray, int]:
        """Return the token codes of one text, ``[tokens]``, and its class code."""
        row = range(len(self))[row]
        return self.ids[self.offsets[row] : self.offsets[row + 1]], int(self.labels[row])

    @property
    def lengths(self) -> np.ndarray:
        """Tokens of each text after the cut, int64, ``[texts]``."""
        return np.diff(self.offsets)


class CSVSentimentDataset(SentimentDataset):
    """The labelled texts of a CSV file.

    Parameters
    ----------
    csv_path : Path or str or LabelledTexts
        The file, or what has been read from it.
    vocab : Vocabulary
        Gives each token its code.
    max_len : int
        Longest text in tokens; the rest is cut.
    text_column, label_column : str
        Names of the columns.
    scheme : LabelScheme, optional
        The classes; negative, neutral, positive where not given.

    Raises
    ------
    DataError
        If the file cannot be used; names the line and the reason.
    """

    def __init__(
        self,
        csv_path: Path | str | LabelledTexts,
        vocab: Vocabulary,
        max_len: int = MAX_LEN,
        *,
        text_column: str = "text",
        label_column: str = "label",
        scheme: LabelScheme | None = None,
    ) -> None:
        if isinstance(csv_path, LabelledTexts):
            self.source = csv_path
        else:
            self.source = read_labelled(
                Path(csv_path),
                text_column=text_column,
                label_column=label_column,
                labels=scheme or LabelScheme(),
            )
        codes = [int(code) for code in self.source.labels]
        super().__init__(self.source.texts, codes, vocab, max_len, scheme=scheme)
