"""What words add to their own vectors: those of their runs of characters."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from roomtone.config.model import SubwordsConfig
from roomtone.text import character_ngrams

LIMIT = 32


class Subwords(nn.Module):
    """The mean vector of a word's runs of characters.

    After Bojanowski et al. (2017), "Enriching Word Vectors with Subword Information". Added to
    pretrained vectors the vectors of the runs start at zero, so that at first nothing changes.

    Parameters
    ----------
    config : SubwordsConfig
        Numbers to hash into, and lengths of the runs.
    vocab_size : int
        Words, extra ones included.
    dim : int
        Features of a word vector.

    Attributes
    ----------
    weight : Parameter
        A vector for each number, ``[buckets + 1, dim]``; the last stands for no run.
    runs : Tensor
        The numbers of each word's runs, int32, ``[vocab_size, 32]``.
    sparse : bool
        Give `weight` a sparse gradient, for `LazyAdam`.
    """

    def __init__(self, config: SubwordsConfig, vocab_size: int, dim: int) -> None:
        super().__init__()
        self.config = config
        self.sparse = False
        self.weight = nn.Parameter(torch.zeros(config.buckets + 1, dim))
        runs = torch.full((vocab_size, LIMIT), config.buckets, dtype=torch.int32)
        self.runs: Tensor
        self.register_buffer("runs", runs)

    def spell(self, tokens: Sequence[str], special: int) -> None:
        """Find the runs of every word.

        Parameters
        ----------
        tokens : sequence of str
            The vocabulary's tokens in the order of their numbers, ``vocab_size`` of them.
        special : int
            How many of the first are no words, and have no runs.
        """
        words = ["" if number < special else token for number, token in enumerate(tokens)]
        shortest, longest = self.config.shortest, self.config.longest
        found = character_ngrams(
            words, self.config.buckets, shortest=shortest, longest=longest, limit=LIMIT
        )
        self.runs.copy_(torch.from_numpy(found))

    def forward(self, words: Tensor) -> Tensor:
        """Average the vectors of the runs of words.

        Parameters
        ----------
        words : Tensor
            Token codes, ``[words]``.

        Returns
        -------
        Tensor
            ``[words, dim]``; zero for a word without runs.
        """
        return functional.embedding_bag(
            self.runs[words],
            self.weight,
            mode="mean",
            sparse=self.sparse,
            padding_idx=self.config.buckets,
        )

    def extra_repr(self) -> str:
        """Show the sizes in the module's printed form."""
        return f"{self.config.buckets}, {self.weight.shape[1]}, words={len(self.runs)}"
