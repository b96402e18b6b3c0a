"""Adam that leaves alone the word vectors of words that a batch lacks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn


class _LazyRows(torch.optim.Optimizer):
    """Lets the optimiser that it is mixed into move single rows of a parameter.

    A parameter with a sparse gradient is stood in for, during the step, by a small one that
    holds the rows of that gradient, and so are its moments. To the optimiser proper it looks
    like any other; decay, clipping, fused arithmetic and flags work on it as on the rest.
    """

    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # type: ignore[override]
        """Take one step.

        Parameters
        ----------
        closure : callable, optional
            Computes the loss and the gradients anew.

        Returns
        -------
        float or None
            What `closure` returned.
        """
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        with torch.no_grad():
            stand_ins = [_StandIn(self, group, i) for group, i in self._sparse()]
            try:
                super().step()
            finally:
                for stand_in in stand_ins:
                    stand_in.leave()
        return loss

    def _sparse(self) -> list[tuple[dict[str, Any], int]]:
        """Find the parameters with a sparse gradient: their group and their place in it."""
        return [
            (group, place)
            for group in self.param_groups
            for place, parameter in enumerate(group["params"])
            if parameter.grad is not None and parameter.grad.is_sparse
        ]


class LazyAdam(_LazyRows, torch.optim.Adam):
    """Adam (Kingma & Ba 2015) in which a row moves only in a step whose gradient reaches it.

    Of a parameter with a sparse gradient, rows without gradient keep their values and their
    moments, and are not decayed either; the number of steps, which corrects the bias of the
    moments, counts all steps. That is TensorFlow's ``LazyAdam`` and PyTorch's ``SparseAdam``, to
    which this adds weight decay and the fused arithmetic. Parameters with a dense gradient move
    as under `torch.optim.Adam`, whose arguments and state these are.
    """


class LazyAdamW(_LazyRows, torch.optim.AdamW):
    """AdamW (Loshchilov & Hutter 2019), lazy as `LazyAdam` is."""


class _StandIn:
    """Stands in for a parameter with the rows that its gradient reaches."""

    def __init__(self, optimizer: torch.optim.Optimizer, group: dict[str, Any], place: int) -> None:
        self._state, self._members, self._place = optimizer.state, group["params"], place
        self._whole: Tensor = self._members[place]
        values = values_of(self._whole)  # [rows, dim]
        self._index = self._whole.grad.indices()[0]  # [rows]
        self._rows = nn.Parameter(self._whole.index_select(0, self._index))  # [rows, dim]
        self._rows.grad = values
        self._members[place] = self._rows
        if whole := self._state.get(self._whole):
            self._state[self._rows] = {name: self._part(value) for name, value in whole.items()}

    def leave(self) -> None:
        """Give the parameter its place and the moved rows back."""
        self._members[self._place] = self._whole
        self._whole.index_copy_(0, self._index, self._rows)
        whole = self._state[self._whole]
        for name, part in self._state.pop(self._rows, {}).items():
            if part.shape != self._rows.shape:
                whole[name] = part
                continue
            if name not in whole:
                whole[name] = torch.zeros_like(self._whole)
            whole[name].index_copy_(0, self._index, part)

    def _part(self, value: Tensor) -> Tensor:
        whole = value.shape == self._whole.shape
        return value.index_select(0, self._index) if whole else value


def values_of(parameter: Tensor) -> Tensor:
    """Give the numbers of a parameter's gradient, each once; they are the gradient's own."""
    gradient = parameter.grad
    assert gradient is not None
    if not gradient.is_sparse:
        return gradient
    parameter.grad = gradient.coalesce()
    return parameter.grad.values()


@contextmanager
def sparse_gradients(network: nn.Module, optimizer: torch.optim.Optimizer) -> Iterator[None]:
    """Let embeddings give sparse gradients meanwhile, where the optimiser is a lazy one."""
    lookups = [part for part in network.modules() if hasattr(part, "sparse")]
    before = [part.sparse for part in lookups]
    _set_sparse(lookups, [isinstance(optimizer, _LazyRows)] * len(lookups))
    try:
        yield
    finally:
        _set_sparse(lookups, before)


def _set_sparse(lookups: list[Any], values: list[Any]) -> None:
    for part, sparse in zip(lookups, values, strict=True):
        part.sparse = sparse
