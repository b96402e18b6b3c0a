"""The pooling of a convolution in compiled code."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence

import torch
from torch import Tensor

from roomtone.nets.kernels.library import Pooling, Spreading, library

TYPES = (torch.float32, torch.bfloat16)
SHARES = 4  # of each thread, so that none waits long for the last


def strongest(
    table: Tensor, places: Tensor, lengths: Tensor, sizes: Sequence[int]
) -> tuple[Tensor, Tensor]:
    """Find each filter's strongest response in each text, and what it responded to.

    Parameters
    ----------
    table : Tensor
        Products of each row and each part of each filter, float32 or bfloat16,
        ``[rows, parts, filters]``; the parts size after size. The last row stands outside the
        texts.
    places : Tensor
        Which row stands at each position, int64, ``[batch, width]``.
    lengths : Tensor
        Tokens of each text, int64, ``[batch]``.
    sizes : sequence of int
        Tokens of a window; ``parts`` is their sum.

    Returns
    -------
    strongest : Tensor
        float32, ``[batch, len(sizes) * filters]``.
    reached : Tensor
        The row that each part of each filter met there, int64, ``[parts, filters, batch]``.

    Raises
    ------
    ValueError
        If the shapes or the types do not fit each other.
    IndexError
        If a text is empty or longer than it is wide, or a place is no row.
    """
    rows, parts, filters = table.shape
    batch, width = places.shape
    if parts != sum(sizes) or lengths.shape != (batch,) or table.dtype not in TYPES:
        raise ValueError(
            f"a {table.dtype} table of {parts} parts, places {tuple(places.shape)} and lengths "
            f"{tuple(lengths.shape)} do not fit sizes {list(sizes)}"
        )
    found = torch.empty(batch, len(sizes) * filters)
    reached = torch.empty(parts, filters, batch, dtype=torch.int64)
    tensors = {
        "size": torch.tensor(sizes),
        "places": places.long().contiguous(),
        "lengths": lengths.long().contiguous(),
        "table": table.contiguous(),
        "strongest": found,
        "reached": reached,
    }
    job = Pooling(batch=batch, width=width, rows=rows, sizes=len(sizes), filters=filters)
    job.parts, job.half, job.threads = parts, table.dtype == TYPES[1], torch.get_num_threads()
    job.parallel = library().parallel
    for name, tensor in tensors.items():
        setattr(job, name, tensor.data_ptr())
    if library().pool(ctypes.byref(job)) != 0:
        raise IndexError(f"a text is empty or too long, or a place is none of the {rows} rows")
    return found, reached


def spread(
    gradient: Tensor, reached: Tensor, sizes: Sequence[int], rows: int, dtype: torch.dtype
) -> Tensor:
    """Find what reaches the products that `strongest` summed: each sum's gradient, where it met.

    Parameters
    ----------
    gradient : Tensor
        Of the strongest responses, ``[batch, len(sizes) * filters]``.
    reached : Tensor
        As of `strongest`, ``[parts, filters, batch]``.
    sizes : sequence of int
        Tokens of a window.
    rows : int
        Rows within the texts; what met another stays out.
    dtype : dtype
        float32 or bfloat16; sums are float32.

    Returns
    -------
    Tensor
        ``[rows, parts, filters]``.

    Raises
    ------
    ValueError
        If the shapes or the types do not fit each other.
    """
    parts, filters, batch = reached.shape
    fitting = (parts, (batch, len(sizes) * filters)) == (sum(sizes), tuple(gradient.shape))
    if not fitting or dtype not in TYPES or reached.dtype != torch.int64:
        raise ValueError(
            f"a gradient {tuple(gradient.shape)} and {reached.dtype} rows {tuple(reached.shape)} "
            f"do not fit sizes {list(sizes)}, or {dtype} is no type of a table"
        )
    products = torch.empty(rows, parts, filters, dtype=dtype)
    job = Spreading(batch=batch, rows=rows, sizes=len(sizes), filters=filters, parts=parts)
    job.half, job.threads = dtype == TYPES[1], torch.get_num_threads()
    job.shares, job.parallel = SHARES * job.threads, library().parallel
    tensors = {
        "size": torch.tensor(sizes),
        "reached": reached.contiguous(),
        "gradient": gradient.float().contiguous(),
        "products": products,
        "work": torch.empty(library().spread_size(ctypes.byref(job))),
    }
    for name, tensor in tensors.items():
        setattr(job, name, tensor.data_ptr())
    library().spread(ctypes.byref(job))
    return products
