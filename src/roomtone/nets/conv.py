"""The convolutional branch: n-gram detectors with masked max pooling."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from roomtone.nets.dropout import SequenceDropout
from roomtone.nets.masking import padding_mask
from roomtone.nets.phrases import strongest_responses
from roomtone.nets.words import takes_shortcuts


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
        Widths in tokens; none for a network without this branch.
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

    def forward(self, rows: Tensor, places: Tensor, lengths: Tensor) -> Tensor:
        """Find the strongest response of each filter.

        Parameters
        ----------
        rows : Tensor
            Word vectors, zero for padding, ``[rows, embedding_dim]``.
        places : Tensor
            Which row stands at each position, ``[batch, width]``.
        lengths : Tensor
            Tokens of each text, ``[batch]``.

        Returns
        -------
        Tensor
            ``[batch, num_filters * len(filter_sizes)]``.
        """
        if not self.output_size:
            return rows.new_zeros(len(lengths), 0)
        pooled = self._shared if takes_shortcuts(rows.device) else self._plain
        return self.dropout(torch.relu(pooled(rows, places, lengths)))  # type: ignore[no-any-return]

    def _shared(self, rows: Tensor, places: Tensor, lengths: Tensor) -> Tensor:
        weights = [conv.get_parameter("weight") for conv in self.convs]
        strongest = strongest_responses(rows, places, lengths, weights)  # [batch, filters]
        # The same number added to all responses does not change which one is the strongest.
        return strongest + torch.cat([conv.get_parameter("bias") for conv in self.convs])

    def _plain(self, rows: Tensor, places: Tensor, lengths: Tensor) -> Tensor:
        channels = rows[places].transpose(1, 2)  # [batch, embedding_dim, width]
        width = places.shape[1]
        hidden = ~padding_mask(lengths, width)[:, None, :]  # [batch, 1, width]
        pooled = []
        for conv in self.convs:
            response = conv(channels)[..., :width]  # [batch, num_filters, width]
            response = response.masked_fill(hidden, torch.finfo(response.dtype).min)
            pooled.append(response.amax(dim=2))  # [batch, num_filters]
        return torch.cat(pooled, dim=1)
