"""Convolution and max pooling in one, computed from the distinct words of a batch.

A filter's response to a window is a sum over the window's words of a product of the word and a
part of the filter. These products depend on the word alone: one matrix product gives them for
all distinct words, and compiled code sums them. The maximum over a text lets the gradient reach
a single window of each text and filter, so that the way back touches a small part of what a
convolution's would.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn.functional import embedding_bag, pad

from roomtone.nets import kernels


def strongest_responses(
    rows: Tensor, places: Tensor, lengths: Tensor, weights: Sequence[Tensor]
) -> Tensor:
    """Find the strongest response of each filter to any window of each text, without bias.

    Windows are centred on each token of a text, even ones reach one further back; beyond the
    text stands zero. Of equal responses the first counts.

    Parameters
    ----------
    rows : Tensor
        Word vectors, zero for padding, ``[rows, dim]``.
    places : Tensor
        Which row stands at each position, ``[batch, width]``.
    lengths : Tensor
        Tokens of each text, at least one, ``[batch]``.
    weights : sequence of Tensor
        Filters of each size as `torch.nn.Conv1d` holds them, ``[filters, dim, size]``, the same
        number of each.

    Returns
    -------
    Tensor
        Size after size, ``[batch, filters * len(weights)]``.
    """
    sizes = [weight.shape[2] for weight in weights]
    filters = torch.cat([weight.permute(2, 0, 1) for weight in weights])  # [parts, filters, dim]
    return _Strongest.apply(rows, filters, places, lengths, sizes)  # type: ignore[no-any-return, no-untyped-call]


class _Strongest(torch.autograd.Function):
    """The maximum over windows of summed products; `parts` is the sum of all sizes."""

    @staticmethod
    def forward(  # noqa: PLR0917 - autograd passes them by position
        ctx: Any, rows: Tensor, filters: Tensor, places: Tensor, lengths: Tensor, sizes: list[int]
    ) -> Tensor:
        precision = _precision(rows)
        # The last row stands outside a text.
        lined, flat = pad(rows, (0, 0, 0, 1)).to(precision), filters.flatten(0, 1).to(precision)
        table = (lined @ flat.t()).view(-1, *filters.shape[:2])  # [rows + 1, parts, filters]
        compiled = table.dtype in kernels.TYPES and kernels.available()
        pool = kernels.strongest if compiled else _strongest
        pooled, reached = pool(table, places, lengths, sizes)
        ctx.sizes, ctx.compiled = sizes, compiled
        ctx.save_for_backward(lined, flat, reached)
        return pooled.to(rows.dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        lined, flat, reached = ctx.saved_tensors
        rows = filters = None
        if ctx.needs_input_grad[0]:
            spread = kernels.spread if ctx.compiled else _spread
            products = spread(gradient, reached, ctx.sizes, len(lined) - 1, flat.dtype)
            rows = (products.flatten(1) @ flat).to(gradient.dtype)
        if ctx.needs_input_grad[1]:
            filters = _filters_gradient(_flow(gradient, reached, ctx.sizes), reached, lined)
        return rows, filters, None, None, None


def _strongest(
    table: Tensor, places: Tensor, lengths: Tensor, sizes: Sequence[int]
) -> tuple[Tensor, Tensor]:
    """Do what `kernels.strongest` does, without compiled code."""
    rows, parts, count = table.shape
    # Sums stay in full precision, which loses no time.
    flat = table.to(torch.promote_types(table.dtype, torch.float32)).view(-1, count)
    pooled, reached, first = [], [], 0
    for size in sizes:
        window = _windows(places, lengths, size, rows - 1)  # [batch, width, size]
        index = window * parts + torch.arange(first, first + size)
        sums = embedding_bag(index.flatten(0, 1), flat, mode="sum")
        strongest, place = sums.view(*places.shape, count).max(dim=1)  # both [batch, filters]
        met = window.gather(1, place[..., None].expand(-1, -1, size))  # [batch, filters, size]
        pooled.append(strongest)
        reached.append(met.permute(2, 1, 0))
        first += size
    return torch.cat(pooled, dim=1), torch.cat(reached)


def _windows(places: Tensor, lengths: Tensor, size: int, outside: int) -> Tensor:
    """List the rows that each window of each text covers, ``[batch, width, size]``.

    Windows on padding repeat that on the text's last token, which no maximum can tell.
    """
    batch, width = places.shape
    position = torch.arange(width, device=places.device)  # [width]
    inside = torch.where(position < lengths[:, None], places, outside)  # [batch, width]
    lined = pad(inside, (size // 2, size), value=outside)  # [batch, width + size // 2 + size]
    start = torch.minimum(position, lengths[:, None] - 1)  # [batch, width]
    reach = start[..., None] + torch.arange(size, device=places.device)  # [batch, width, size]
    return lined.gather(1, reach.flatten(1)).view(batch, width, size)


def _flow(gradient: Tensor, reached: Tensor, sizes: Sequence[int]) -> Tensor:
    """Give each part of a filter what reaches it from each text, ``[parts, filters, batch]``."""
    _, count, batch = reached.shape
    by_size = gradient.reshape(batch, -1, count).permute(1, 2, 0)  # [sizes, filters, batch]
    return by_size.repeat_interleave(torch.tensor(sizes), dim=0)


def _spread(
    gradient: Tensor, reached: Tensor, sizes: Sequence[int], rows: int, dtype: torch.dtype
) -> Tensor:
    """Do what `kernels.spread` does, without compiled code."""
    parts, count, _ = reached.shape
    flow = _flow(gradient, reached, sizes)  # [parts, filters, batch]
    # The last row is what stands outside a text.
    products = flow.new_zeros(rows + 1, parts, count, dtype=torch.promote_types(dtype, flow.dtype))
    column = torch.arange(parts * count).view(parts, count, 1)
    index = reached * (parts * count) + column  # [parts, filters, batch]
    products.view(-1).scatter_add_(0, index.flatten(), flow.to(products.dtype).flatten())
    return products[:rows].to(dtype)


def _filters_gradient(flow: Tensor, reached: Tensor, lined: Tensor) -> Tensor:
    """Sum the rows that each part of a filter met, ``[parts, filters, dim]``.

    A tenth of the work of a matrix product, since few rows reach a maximum.
    """
    index, shares = reached.flatten(0, 1), flow.flatten(0, 1)  # both [parts * filters, batch]
    rows = lined.to(flow.dtype)
    sums = embedding_bag(index, rows, mode="sum", per_sample_weights=shares)
    return sums.view(*reached.shape[:2], -1)


def _precision(rows: Tensor) -> torch.dtype:
    """Tell the arithmetic of matrix products: that of autocast where it is on."""
    if torch.is_autocast_enabled(rows.device.type):
        return torch.get_autocast_dtype(rows.device.type)
    return rows.dtype
