"""The recurrent branch: a bidirectional LSTM that needs no packing."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from roomtone.nets.dropout import SequenceDropout
from roomtone.nets.masking import reversal_index, reverse_by_length


class MaskedBiLSTM(nn.Module):
    """A stacked bidirectional LSTM whose states do not depend on padding.

    Both directions run from left to right over padded batches; for the backward one each text
    is reversed within its own length, so that padding always comes last and no state that
    counts has seen any. On a processor this takes about half the time of packed sequences.

    Parameters
    ----------
    input_size : int
        Features of each token.
    hidden_size : int
        Units of each direction.
    num_layers : int
        Stacked layers.
    dropout : float
        Dropout on the output of each layer.
    """

    def __init__(self, input_size: int, hidden_size: int, num_layers: int, dropout: float) -> None:
        super().__init__()
        self.output_size = 2 * hidden_size
        widths = [input_size, *[self.output_size] * (num_layers - 1)]
        self.ahead = nn.ModuleList(nn.LSTM(w, hidden_size, batch_first=True) for w in widths)
        self.back = nn.ModuleList(nn.LSTM(w, hidden_size, batch_first=True) for w in widths)
        self.dropout = SequenceDropout(dropout)

    def forward(self, embedded: Tensor, lengths: Tensor) -> Tensor:
        """Run both directions.

        Parameters
        ----------
        embedded : Tensor
            ``[batch, width, input_size]``.
        lengths : Tensor
            Tokens of each text, ``[batch]``.

        Returns
        -------
        Tensor
            States, ``[batch, width, 2 * hidden_size]``; what stands on padding is meaningless.
        """
        index = reversal_index(lengths, embedded.shape[1])  # [batch * width]
        states = embedded
        for ahead, back in zip(self.ahead, self.back, strict=True):
            left, _ = ahead(states)  # [batch, width, hidden_size]
            right, _ = back(reverse_by_length(states, index))  # [batch, width, hidden_size]
            states = torch.cat([left, reverse_by_length(right, index)], dim=2)
            states = self.dropout(states)
        return states
