"""Self-attention within texts, differentiable, in compiled code."""

from __future__ import annotations

import ctypes
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from roomtone.nets.kernels.library import Attending, Function, library
from roomtone.nets.kernels.phrases import SHARES, TYPES


def attend(parts: Tensor, lengths: Tensor) -> Tensor:
    """Mix the values of each text's tokens, by how their keys answer to each token's query.

    What a text gets does not depend, to the last bit, on the texts beside it, on padding or on
    the number of threads.

    Parameters
    ----------
    parts : Tensor
        Queries, keys and values, float32 or bfloat16, ``[batch, width, 3, heads, size]``.
    lengths : Tensor
        Tokens of each text, int64, ``[batch]``.

    Returns
    -------
    Tensor
        Of the same type, ``[batch, width, heads, size]``; zero on padding.

    Raises
    ------
    ValueError
        If the shapes or the types do not fit each other.
    """
    # The kernel reads raw memory, so that a wrong shape must not reach it.
    if (
        parts.dim() != 5
        or parts.shape[2] != 3
        or lengths.shape != parts.shape[:1]
        or parts.dtype not in TYPES
    ):
        raise ValueError(
            f"{parts.dtype} parts {tuple(parts.shape)} and lengths {tuple(lengths.shape)} do not "
            "fit each other: expected [batch, width, 3, heads, size] and [batch]"
        )
    if torch.is_grad_enabled() and parts.requires_grad:
        mixed: Tensor = _Attention.apply(parts, lengths)  # type: ignore[no-untyped-call]
        return mixed
    return _forward(parts.contiguous(), lengths)


class _Attention(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, parts: Tensor, lengths: Tensor) -> Tensor:
        parts = parts.contiguous()
        ctx.save_for_backward(parts, lengths)
        return _forward(parts, lengths)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, upstream: Tensor) -> tuple[Tensor, None]:
        parts, lengths = ctx.saved_tensors
        gradient = torch.empty_like(parts)
        upstream = upstream.to(parts.dtype).contiguous()
        tensors = {"upstream": upstream, "gradient": gradient}
        _do(library().attend_back, parts, lengths, tensors)
        return gradient, None


def _forward(parts: Tensor, lengths: Tensor) -> Tensor:
    mixed = parts.new_empty(*parts.shape[:2], *parts.shape[3:])
    _do(library().attend, parts, lengths, {"mixed": mixed})
    return mixed


def _do(function: Function, parts: Tensor, lengths: Tensor, tensors: dict[str, Tensor]) -> None:
    batch, width, _, heads, size = parts.shape
    threads = torch.get_num_threads()
    job = Attending(batch=batch, width=width, heads=heads, size=size, threads=threads)
    job.shares = min(batch * heads, SHARES * threads)
    job.half, job.parallel = parts.dtype == TYPES[1], library().parallel
    work = torch.empty(library().attend_size(ctypes.byref(job)))
    tensors = tensors | {"parts": parts, "lengths": lengths.long().contiguous(), "work": work}
    for name, tensor in tensors.items():
        setattr(job, name, tensor.data_ptr())
    function(ctypes.byref(job))
