"""The convolutional branch: n-gram detectors with masked max pooling."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from roomtone.nets.dropout import SequenceDropout


class MaskedCNN(nn.Module):
    """Convolutions of several widths over the tokens of a text, each max-pooled.

    After Kim (2014), "Convolutional Neural Networks for Sentence Classification", with the
    pooling confined to positions that hold a token.

    Parameters
    ----------
    embedding_dim : int
        Features of each token.
    num_filters : int
        Filters of each width.
    filter_sizes : sequence of int
        Widths in tokens.
    dropout : float
        Dropout on the pooled features.
    """

    def __init__(
        self, embedding_dim: int, num_filters: int, filter_sizes: Sequence[int], dropout: float
    ) -> None:
        super().__init__()
        self.convs = nn.ModuleList(
            nn.Conv1d(embedding_dim, num_filters, size, padding=size // 2) for size in filter_sizes
        )
        self.dropout = SequenceDropout(dropout)
        self.output_size = num_filters * len(filter_sizes)

    def forward(self, embedded: Tensor, mask: Tensor) -> Tensor:
        """Find the strongest response of each filter.

        Parameters
        ----------
        embedded : Tensor
            Word vectors, zero on padding, ``[batch, width, embedding_dim]``.
        mask : Tensor
            True where a token stands, ``[batch, width]``.

        Returns
        -------
        Tensor
            ``[batch, num_filters * len(filter_sizes)]``.
        """
        channels = embedded.transpose(1, 2)  # [batch, embedding_dim, width]
        hidden = ~mask[:, None, :]  # [batch, 1, width]
        pooled = []
        for conv in self.convs:
            response = conv(channels)[..., : mask.shape[1]]  # [batch, num_filters, width]
            response = response.masked_fill(hidden, torch.finfo(response.dtype).min)
            pooled.append(response.amax(dim=2))  # [batch, num_filters]
        return self.dropout(torch.relu(torch.cat(pooled, dim=1)))  # type: ignore[no-any-return]
