"""The recurrence of a bidirectional LSTM, differentiable, in compiled code."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from roomtone.nets.kernels.library import Function, Job, library
from roomtone.nets.kernels.phrases import TYPES

# Texts that step together: enough to use a weight often, few enough to stay in the cache.
SHARE = 32
TILE = 8


@dataclass(frozen=True)
class Texts:
    """Where the tokens of a batch stand.

    Attributes
    ----------
    lengths : Tensor
        Tokens of each text, ``[batch]``.
    width : int
        Padded length, in tokens.
    places : Tensor or None
        The row of each position, ``[batch, width]``; None where the rows are the positions,
        text by text.
    """

    lengths: Tensor
    width: int
    places: Tensor | None = None

    def __post_init__(self) -> None:
        shape = None if self.places is None else tuple(self.places.shape)
        if self.lengths.dim() != 1 or shape not in {None, (len(self.lengths), self.width)}:
            raise ValueError(
                f"lengths {tuple(self.lengths.shape)} and places {shape} are not of one batch: "
                f"expected [batch] and [batch, {self.width}]"
            )


def recurrence(projected: Tensor, texts: Texts, ahead: Tensor, back: Tensor) -> Tensor:
    """Run both directions of one LSTM layer over inputs that are projected already.

    The states of a text do not depend, to the last bit, on the texts beside it, on padding or
    on the number of threads; gradients do not depend on chance.

    Parameters
    ----------
    projected : Tensor
        The inputs' share of the gates, biases included, float32 or bfloat16,
        ``[rows, 2 * 4 * hidden_size]``: the direction ahead, then the one back.
    texts : Texts
        Where the rows stand.
    ahead, back : Tensor
        Recurrent weights of the directions, both float32 or both bfloat16,
        ``[4 * hidden_size, hidden_size]``.

    Returns
    -------
    Tensor
        States of `projected`'s type, ``[batch, width, 2 * hidden_size]``; zero on padding.

    Raises
    ------
    IndexError
        If a place is no row of `projected`.
    ValueError
        If the shapes or the types do not fit each other.
    """
    _check(projected, texts, ahead, back)
    if torch.is_grad_enabled() and any(t.requires_grad for t in (projected, ahead, back)):
        states: Tensor = _Recurrence.apply(projected, ahead, back, texts)  # type: ignore[no-untyped-call]
        return states
    return _forward(projected, texts, (ahead, back), keep=False)[0]


def _check(projected: Tensor, texts: Texts, ahead: Tensor, back: Tensor) -> None:
    # The kernel reads raw memory, so that a wrong shape must not reach it.
    hidden = ahead.shape[1]
    rows = len(projected) if texts.places is not None else len(texts.lengths) * texts.width
    expected = [(rows, 8 * hidden), (4 * hidden, hidden), (4 * hidden, hidden)]
    found = [tuple(tensor.shape) for tensor in (projected, ahead, back)]
    if ahead.dtype != back.dtype or not {projected.dtype, ahead.dtype} <= set(TYPES):
        raise ValueError(f"types are {projected.dtype}, {ahead.dtype} and {back.dtype}")
    if found != expected:
        raise ValueError(f"projected and recurrent weights are {found}, expected {expected}")


class _Recurrence(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, projected: Tensor, ahead: Tensor, back: Tensor, texts: Texts) -> Tensor:
        states, kept = _forward(projected, texts, (ahead, back), keep=True)
        ctx.rows, ctx.texts = len(projected), texts
        ctx.save_for_backward(states, kept, ahead, back)
        return states

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, upstream: Tensor) -> tuple[Tensor | None, ...]:
        states, kept, *weights = ctx.saved_tensors
        job = _Work(states, ctx.rows, ctx.texts, weights)
        gates, before, summed = _backward(job, upstream, kept)
        wanted = ctx.needs_input_grad[1:3]
        gradients = [
            (gates[:, side].t() @ before[:, side]).to(weight) if want else None
            for side, (weight, want) in enumerate(zip(weights, wanted, strict=True))
        ]
        return summed, *gradients, None


def _forward(
    projected: Tensor, texts: Texts, weights: tuple[Tensor, Tensor], *, keep: bool
) -> tuple[Tensor, Tensor]:
    """Return the states and, flat, what the gradient needs."""
    hidden = weights[0].shape[1]
    states = projected.new_empty(len(texts.lengths), texts.width, 2 * hidden)
    work = _Work(states, len(projected), texts, weights)
    projected = projected.contiguous()
    kept = torch.empty(library().kept_size(work.job) if keep else 0)
    work.job.projected = projected.data_ptr()
    work.job.kept = kept.data_ptr() if keep else None
    work.do(library().forward)
    return states, kept


def _backward(work: _Work, upstream: Tensor, kept: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Compute gradients.

    Returns
    -------
    tuple of Tensor
        Those of the gates, ``[positions, 2, 4 * hidden_size]``; the states one step earlier,
        ``[positions, 2, hidden_size]``; and gradients of the rows, ``[rows, 8 * hidden_size]``.
    """
    states, job = work.states, work.job
    positions, hidden = job.batch * job.width, job.hidden
    gates = states.new_empty(positions, 2, 4 * hidden)
    before = states.new_empty(positions, 2, hidden)
    summed = states.new_empty(job.rows, 8 * hidden) if job.places else gates
    upstream = upstream.to(states.dtype).contiguous()
    job.upstream, job.kept = upstream.data_ptr(), kept.data_ptr()
    job.gates, job.before, job.summed = gates.data_ptr(), before.data_ptr(), summed.data_ptr()
    work.do(library().backward)
    return gates, before, summed.view(job.rows, 8 * hidden)


class _Work:
    """A kernel's job, and the tensors that it points into, kept alive."""

    def __init__(
        self, states: Tensor, rows: int, texts: Texts, weights: tuple[Tensor, ...] | list[Tensor]
    ) -> None:
        batch, width, size = states.shape
        threads = torch.get_num_threads()
        self.states = states
        self._lengths = texts.lengths.long().contiguous()
        self._weights = [weight.contiguous() for weight in weights]
        self._places = None if texts.places is None else texts.places.long().contiguous()
        job = Job(batch=batch, width=width, hidden=size // 2, rows=rows, threads=threads)
        enough = max(-(-batch // SHARE), -(-threads // 2))  # shares of both directions
        job.shares = max(1, min(-(-batch // TILE), enough))
        job.half = states.dtype == torch.bfloat16
        job.half_weights = weights[0].dtype == torch.bfloat16
        job.lengths, job.states = self._lengths.data_ptr(), states.data_ptr()
        job.weights[0], job.weights[1] = (weight.data_ptr() for weight in self._weights)
        job.places = None if self._places is None else self._places.data_ptr()
        job.parallel = library().parallel
        self._memory = torch.empty(library().work_size(job))
        self._order = torch.empty(library().order_size(job), dtype=torch.int64)
        job.work, job.order = self._memory.data_ptr(), self._order.data_ptr()
        self.job = job

    def do(self, function: Function) -> None:
        """Call a kernel."""
        if function(ctypes.byref(self.job)) != 0:
            raise IndexError(f"a place is none of the {self.job.rows} rows")
