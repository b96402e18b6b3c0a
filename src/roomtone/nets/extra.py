"""Vectors of words that the training texts lack: kept as they are, in half precision."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class ExtraWords(nn.Module):
    """Pretrained vectors of the vocabulary's extra words; nothing trains them.

    Parameters
    ----------
    first : int
        Token code of the first extra word.
    count : int
        How many there are; their codes follow one another.
    dim : int
        Features of a word vector.

    Attributes
    ----------
    vectors : Tensor
        ``[count, dim]``, float16: half the space, and exact to three digits.
    """

    def __init__(self, first: int, count: int, dim: int) -> None:
        super().__init__()
        self.first = first
        self.vectors: Tensor
        self.register_buffer("vectors", torch.zeros(count, dim, dtype=torch.float16))

    def known(self, words: Tensor) -> Tensor:
        """Give the words themselves, with padding in the place of extra ones."""
        return words.masked_fill(words >= self.first, 0)

    def forward(self, words: Tensor, rows: Tensor) -> Tensor:
        """Put the vectors of extra words in the place of those that stand there.

        Parameters
        ----------
        words : Tensor
            Token codes, ``[words]``.
        rows : Tensor
            The vectors of the other words, ``[words, dim]``.
        """
        place = words - self.first
        vectors = self.vectors[place.clamp(min=0)].to(rows.dtype)
        return torch.where((place >= 0)[:, None], vectors, rows)

    def extra_repr(self) -> str:
        """Show the sizes in the module's printed form."""
        return f"{self.vectors.shape[0]}, {self.vectors.shape[1]}"
