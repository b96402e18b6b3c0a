"""Masks that keep padding out of every result."""

from __future__ import annotations

import torch
from torch import Tensor


def padding_mask(lengths: Tensor, width: int) -> Tensor:
    """Mark the positions that hold a token.

    Parameters
    ----------
    lengths : Tensor
        Tokens of each text, ``[batch]``.
    width : int
        Padded length, in tokens.

    Returns
    -------
    Tensor
        Boolean, ``[batch, width]``; true where a token stands.
    """
    return torch.arange(width, device=lengths.device) < lengths[:, None]


def reversal_index(lengths: Tensor, width: int) -> Tensor:
    """Index that reverses each text within its own length and leaves its padding in place.

    Applied twice it gives the original order back.

    Returns
    -------
    Tensor
        Positions in the flattened batch, ``[batch * width]``.
    """
    position = torch.arange(width, device=lengths.device)  # [width]
    mirrored = lengths[:, None] - 1 - position  # [batch, width]
    inside = torch.where(mirrored >= 0, mirrored, position)
    start = torch.arange(len(lengths), device=lengths.device)[:, None] * width
    return (start + inside).flatten()


class _Permute(torch.autograd.Function):
    """Reorder rows by an index that is its own inverse, so that the gradient is reordered alike."""

    @staticmethod
    def forward(ctx, rows: Tensor, index: Tensor) -> Tensor:  # type: ignore[no-untyped-def]
        ctx.save_for_backward(index)
        return rows.index_select(0, index)

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, None]:  # type: ignore[no-untyped-def]
        (index,) = ctx.saved_tensors
        return gradient.index_select(0, index), None


def reverse_by_length(states: Tensor, index: Tensor) -> Tensor:
    """Reverse each text of a padded batch within its own length.

    Parameters
    ----------
    states : Tensor
        ``[batch, width, features]``.
    index : Tensor
        From `reversal_index`, ``[batch * width]``.

    Returns
    -------
    Tensor
        ``[batch, width, features]``.
    """
    return _Permute.apply(states.flatten(0, 1), index).view_as(states)  # type: ignore[no-any-return, no-untyped-call]
