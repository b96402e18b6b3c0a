"""Adam in compiled code: all parameters in one call, and their copies in bfloat16 with them."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from roomtone.nets.kernels.library import Group, Moves, Part, library
from roomtone.nets.kernels.phrases import TYPES


@dataclass(frozen=True)
class Moving:
    """A parameter and what Adam knows of it.

    Attributes
    ----------
    values, first, second : Tensor
        The parameter and its moments, float32 and of one shape.
    steps : Tensor
        How many steps it has taken, float32, a scalar; counted on by each.
    copy : Tensor or None
        The parameter in bfloat16, kept up with it.
    group : int
        Whose settings it takes.
    """

    values: Tensor
    first: Tensor
    second: Tensor
    steps: Tensor
    copy: Tensor | None
    group: int


class Adam:
    """Moves parameters by Adam (Kingma & Ba 2015), or AdamW (Loshchilov & Hutter 2019).

    What comes out does not depend on the number of threads.

    Parameters
    ----------
    parts : sequence of Moving
        What is moved; the memory of their tensors is written to.
    groups : int
        How many settings there are.
    """

    def __init__(self, parts: Sequence[Moving], groups: int) -> None:
        self._kept = parts
        self._groups, self._parts = (Group * groups)(), (Part * len(parts))()
        for part, moving in zip(self._parts, parts, strict=True):
            _check(moving)
            part.values, part.first = moving.values.data_ptr(), moving.first.data_ptr()
            part.second, part.steps = moving.second.data_ptr(), moving.steps.data_ptr()
            part.copy = None if moving.copy is None else moving.copy.data_ptr()
            part.group = ctypes.addressof(self._groups[moving.group])
        self._moves = Moves(count=len(parts), parallel=library().parallel)
        self._moves.parts = ctypes.addressof(self._parts)
        self._gradients: list[Any] = []

    def take(self, gradients: Sequence[Tensor | None]) -> float:
        """Take the gradients of the coming step; return the norm of all together.

        Parameters
        ----------
        gradients : sequence of Tensor or None
            One for each part, float32 or bfloat16, of its shape or sparse and coalesced: then
            only the rows that it has are moved. Without one a part stays as it is.

        Raises
        ------
        ValueError
            If a gradient is of another shape or type.
        """
        self._gradients = [
            None if gradient is None else _laid_out(gradient, moving.values)
            for gradient, moving in zip(gradients, self._kept, strict=True)
        ]
        for part, found in zip(self._parts, self._gradients, strict=True):
            part.given, part.count, part.size = found is not None, 0, 1
            if found is not None:
                rows, values = found
                part.gradient, part.half = values.data_ptr(), values.dtype == TYPES[1]
                part.moved = None if rows is None else rows.data_ptr()
                part.size = 1 if rows is None else max(1, math.prod(values.shape[1:]))
                part.count = values.numel() // part.size
        self._moves.threads = torch.get_num_threads()
        sums = torch.empty(library().spans(ctypes.byref(self._moves)) or 1, dtype=torch.float64)
        self._moves.sums = sums.data_ptr()
        library().squares(ctypes.byref(self._moves))
        return math.sqrt(sums[0].item())

    def move(self, settings: Sequence[dict[str, Any]], scale: float) -> None:
        """Move by the gradients that were last taken, once.

        Parameters
        ----------
        settings : sequence of dict
            Of each group, as PyTorch's optimisers hold them.
        scale : float
            By which all gradients are multiplied.
        """
        for group, found in zip(self._groups, settings, strict=True):
            group.rate, group.decay, group.eps = found["lr"], found["weight_decay"], found["eps"]
            group.beta1, group.beta2 = found["betas"]
            group.decoupled = found["decoupled_weight_decay"]
        self._moves.scale = scale
        if self._gradients:  # which the parts point into
            library().move(ctypes.byref(self._moves))
        self._gradients = []


def _laid_out(gradient: Tensor, of: Tensor) -> tuple[Tensor | None, Tensor]:
    """Give the rows that a gradient is of, None where it is of all, and its numbers."""
    # The kernel reads and writes raw memory, so that nothing of another shape must reach it.
    if gradient.shape != of.shape or gradient.dtype not in TYPES:
        raise ValueError(
            f"a gradient is {gradient.dtype}, {tuple(gradient.shape)}, expected float32 or "
            f"bfloat16, {tuple(of.shape)}"
        )
    if gradient.is_sparse:
        return gradient.indices()[0].contiguous(), gradient.values().contiguous()
    return None, gradient.contiguous()


def _check(moving: Moving) -> None:
    kinds = dict.fromkeys(("values", "first", "second"), torch.float32) | {"copy": torch.bfloat16}
    for name, dtype in kinds.items():
        tensor = getattr(moving, name)
        if tensor is None:
            continue
        if tensor.shape != moving.values.shape or tensor.dtype != dtype:
            raise ValueError(
                f"{name} is {tensor.dtype}, {tuple(tensor.shape)}, expected {dtype}, "
                f"{tuple(moving.values.shape)}"
            )
        if not tensor.is_contiguous():
            raise ValueError(f"{name} is not contiguous")
    if moving.steps.dtype != torch.float32 or moving.steps.numel() != 1:
        raise ValueError(f"steps is {moving.steps.dtype}, {tuple(moving.steps.shape)}")
