"""Masked self-attention over the states of a text, and attention pooling into one vector."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from roomtone.nets import kernels
from roomtone.nets.dropout import SequenceDropout
from roomtone.nets.words import takes_shortcuts


class SelfAttention(nn.Module):
    """Multi-head self-attention with a residual connection and layer normalisation.

    After Vaswani et al. (2017), "Attention Is All You Need", equation 1 and section 3.2.2. On a
    processor compiled code mixes the values (`roomtone.nets.kernels`).

    Parameters
    ----------
    size : int
        Features of each state; a multiple of `num_heads`.
    num_heads : int
        Heads.
    dropout : float
        Dropout on the output, before the residual connection.
    """

    def __init__(self, size: int, num_heads: int, dropout: float) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.inputs = nn.Linear(size, 3 * size)
        self.output = nn.Linear(size, size)
        self.norm = nn.LayerNorm(size)
        self.dropout = SequenceDropout(dropout)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """Let each token look at all tokens of its text.

        Parameters
        ----------
        states : Tensor
            ``[batch, width, size]``.
        mask : Tensor
            True where a token stands, which is first in each row, ``[batch, width]``.

        Returns
        -------
        Tensor
            ``[batch, width, size]``; what stands on padding is meaningless.
        """
        parts = self._parts(states)  # [batch, width, 3, heads, size / heads]
        if takes_shortcuts(parts.device) and parts.dtype in kernels.TYPES and kernels.available():
            mixed = kernels.attend(parts, mask.sum(dim=1))  # [batch, width, heads, size / heads]
        else:
            query, key, value = _by_head(parts)  # each [batch, heads, width, size / heads]
            mixed = (_weights(query, key, mask) @ value).transpose(1, 2)
        output = self.output(mixed.flatten(2))  # [batch, width, size]
        normalised: Tensor = self.norm(states + self.dropout(output))
        return normalised

    def weights(self, states: Tensor, mask: Tensor) -> Tensor:
        """Compute the attention weights alone.

        Returns
        -------
        Tensor
            ``[batch, heads, width, width]``; each row of a token sums to one, and padding has
            exactly zero as a key and as a query.
        """
        query, key, _ = _by_head(self._parts(states))
        weights: Tensor = _weights(query, key, mask) * mask[:, None, :, None]
        return weights

    def _parts(self, states: Tensor) -> Tensor:
        shape = (3, self.num_heads, states.shape[2] // self.num_heads)
        parts: Tensor = self.inputs(states).unflatten(2, shape)
        return parts


def _by_head(parts: Tensor) -> tuple[Tensor, ...]:
    return tuple(parts.permute(2, 0, 3, 1, 4).unbind(0))


def _weights(query: Tensor, key: Tensor, mask: Tensor) -> Tensor:
    scores: Tensor = (query * query.shape[-1] ** -0.5) @ key.transpose(-2, -1)
    return scores.masked_fill(~mask[:, None, None, :], -torch.inf).softmax(dim=-1)


class AttentionPooling(nn.Module):
    """A weighted mean of the states of a text, the weights learned.

    After Yang et al. (2016), "Hierarchical Attention Networks for Document Classification",
    equations 5 to 7.

    Parameters
    ----------
    size : int
        Features of each state.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.hidden = nn.Linear(size, size // 2 or 1)
        self.score = nn.Linear(size // 2 or 1, 1, bias=False)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """Pool ``[batch, width, size]`` into ``[batch, size]``, padding left out."""
        weights = self.weights(states, mask)  # [batch, width]
        pooled: Tensor = weights[:, None, :] @ states  # [batch, 1, size]
        return pooled.squeeze(1)

    def weights(self, states: Tensor, mask: Tensor) -> Tensor:
        """Compute the weight of each position, ``[batch, width]``; exactly zero on padding."""
        scores: Tensor = self.score(torch.tanh(self.hidden(states)))  # [batch, width, 1]
        return scores.squeeze(2).masked_fill(~mask, -torch.inf).softmax(dim=-1)


class MeanPooling(nn.Module):
    """The mean of the states of a text: what attention pooling is to be better than."""

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """Pool ``[batch, width, size]`` into ``[batch, size]``, padding left out."""
        kept = states.masked_fill(~mask[..., None], 0.0)  # [batch, width, size]
        return kept.sum(dim=1) / mask.sum(dim=1, keepdim=True)

    def weights(self, states: Tensor, mask: Tensor) -> Tensor:
        """Give the weight of each position, ``[batch, width]``: the same for each token."""
        shares = mask.to(states.dtype)
        return shares / shares.sum(dim=1, keepdim=True)
