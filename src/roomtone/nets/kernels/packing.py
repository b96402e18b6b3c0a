"""Rearranging weights for the compiled code: rows padded, columns in panels, bfloat16 in pairs."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from roomtone.nets.kernels.inference import Layer, Library


@dataclass(frozen=True)
class Rows:
    """How features stand in a padded row: the place of each, and the row's length.

    Attributes
    ----------
    places : Tensor
        The place of each feature, int64, ``[features]``; zeros stand on the others.
    size : int
        Length of the row.
    """

    places: Tensor
    size: int

    def then(self, other: Rows) -> Rows:
        """Put another row behind this one."""
        return Rows(torch.cat([self.places, other.places + self.size]), self.size + other.size)


class Packer:
    """Copies weights into memory that the compiled code reads, and keeps that memory.

    Parameters
    ----------
    library : Library
        The compiled code.
    bf16 : bool
        Whether it multiplies in bfloat16.
    """

    def __init__(self, library: Library, *, bf16: bool) -> None:
        self.library, self.bf16 = library, bf16
        self._kept: list[Tensor] = []

    def rows(self, count: int, size: int) -> Rows:
        """Lay out `count` parts of `size` features each, every part padded to whole panels."""
        padded = -(-size // self.library.panel) * self.library.panel
        part = torch.arange(count)[:, None] * padded
        return Rows((part + torch.arange(size)).flatten(), count * padded)

    def vector(self, values: Tensor, rows: Rows) -> int:
        """Copy one number for each feature; return the address."""
        padded = torch.zeros(rows.size)
        padded[rows.places] = values.detach().float()
        return self._keep(padded)

    def layer(self, weight: Tensor, bias: Tensor | None, rows: Rows, columns: Rows) -> Layer:
        """Copy a weight ``[columns, rows]``, as `torch.nn.Linear` has it, and its bias."""
        full = torch.zeros(rows.size, columns.size)
        full[rows.places[:, None], columns.places] = weight.detach().float().t()
        packed = torch.empty(full.numel() // (2 if self.bf16 else 1))
        self.library.pack(full.data_ptr(), *full.shape, int(self.bf16), packed.data_ptr())
        layer = Layer(depth=rows.size, columns=columns.size, weights=self._keep(packed))
        if bias is not None:
            layer.bias = self.vector(bias, columns)
        return layer

    def _keep(self, values: Tensor) -> int:
        self._kept.append(values)
        return values.data_ptr()
