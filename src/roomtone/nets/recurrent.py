"""The recurrent branch: a bidirectional LSTM that needs no packing."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from roomtone.nets import kernels
from roomtone.nets.dropout import SequenceDropout
from roomtone.nets.masking import reversal_index, reverse_by_length
from roomtone.nets.words import takes_shortcuts


class MaskedBiLSTM(nn.Module):
    """A stacked bidirectional LSTM whose states do not depend on padding.

    On a processor a layer is one matrix product for the inputs of all positions and both
    directions, and a compiled kernel for the recurrence (`roomtone.nets.kernels`), whose
    backward direction walks each text from its own last token.

    Where there is no kernel (other devices and types, a graph that is traced, no C compiler)
    PyTorch's LSTM runs with the same parameters. Both directions then run from left to right;
    for the backward one each text is reversed within its own length, so that padding always
    comes last and no state that counts has seen any.

    Parameters
    ----------
    input_size : int
        Features of each token.
    hidden_size : int
        Units of each direction.
    num_layers : int
        Stacked layers; with none the states are the inputs.
    dropout : float
        Dropout on the output of each layer.
    """

    def __init__(self, input_size: int, hidden_size: int, num_layers: int, dropout: float) -> None:
        super().__init__()
        self.output_size = 2 * hidden_size if num_layers else input_size
        widths = [input_size, *[self.output_size] * (num_layers - 1)][:num_layers]
        self.ahead = nn.ModuleList(nn.LSTM(w, hidden_size, batch_first=True) for w in widths)
        self.back = nn.ModuleList(nn.LSTM(w, hidden_size, batch_first=True) for w in widths)
        self.dropout = SequenceDropout(dropout)

    def forward(self, rows: Tensor, places: Tensor, lengths: Tensor) -> Tensor:
        """Run both directions over ``rows[places]``.

        A word's input is projected once, however often it occurs in the batch.

        Parameters
        ----------
        rows : Tensor
            Distinct inputs, ``[rows, input_size]``.
        places : Tensor
            The row of each position, int64, ``[batch, width]``.
        lengths : Tensor
            Tokens of each text, int64, ``[batch]``.

        Returns
        -------
        Tensor
            States, ``[batch, width, 2 * hidden_size]``; what stands on padding is meaningless.
        """
        if not len(self.ahead):
            return functional.embedding(places, rows)
        if self._compiled(rows):
            return self._run_compiled(rows, places, lengths)
        return self._run_torch(functional.embedding(places, rows), lengths)

    def _compiled(self, rows: Tensor) -> bool:
        """Tell whether the compiled kernel can do this call; PyTorch's LSTM does the others."""
        weight = next(self.parameters())
        cast = torch.get_autocast_dtype("cpu") if torch.is_autocast_enabled("cpu") else rows.dtype
        return (
            takes_shortcuts(rows.device)
            and isinstance(self.ahead[0], nn.LSTM)  # and not its quantised counterpart
            and weight.device == rows.device
            and {weight.dtype, rows.dtype, cast} <= set(kernels.TYPES)
            and kernels.available()
        )

    def _run_compiled(self, rows: Tensor, places: Tensor, lengths: Tensor) -> Tensor:
        texts = kernels.Texts(lengths, places.shape[1], places)
        for ahead, back in zip(self.ahead, self.back, strict=True):
            # In torch's order: of the inputs, recurrent, and a bias of each; here with directions.
            inputs, recurrent, *biases = zip(ahead.parameters(), back.parameters(), strict=True)
            bias = torch.cat(biases[0]) + torch.cat(biases[1])  # [8 * hidden_size]
            projected = functional.linear(rows, torch.cat(inputs), bias)  # [rows, 8 * hidden_size]
            states: Tensor = self.dropout(kernels.recurrence(projected, texts, *recurrent))
            rows = states.flatten(0, 1)  # [batch * width, 2 * hidden_size]
            texts = kernels.Texts(lengths, texts.width)
        return states

    def _run_torch(self, states: Tensor, lengths: Tensor) -> Tensor:
        index = reversal_index(lengths, states.shape[1])  # [batch * width]
        for ahead, back in zip(self.ahead, self.back, strict=True):
            left = _states(ahead, states)  # [batch, width, hidden_size]
            right = _states(back, reverse_by_length(states, index))  # [batch, width, hidden_size]
            states = torch.cat([left, reverse_by_length(right, index)], dim=2)
            states = self.dropout(states)
        return states


def _states(lstm: nn.Module, inputs: Tensor) -> Tensor:
    """Run PyTorch's LSTM; in float32 where the processor cannot run it in bfloat16."""
    autocast = inputs.device.type == "cpu" and torch.is_autocast_enabled("cpu")
    if not autocast or _can_be_halved():
        states: Tensor = lstm(inputs)[0]
        return states
    with torch.autocast("cpu", enabled=False):
        exact: Tensor = lstm(inputs.float())[0]
    return exact.to(torch.get_autocast_dtype("cpu"))


def _can_be_halved() -> bool:
    """Tell whether oneDNN has an LSTM in bfloat16 here; PyTorch asks for it without looking."""
    if not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return False
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
