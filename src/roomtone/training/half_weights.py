"""Weights in bfloat16 beside the float32 ones, so that no step has to round and widen them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.graph import increment_version
from torch.profiler import record_function

from roomtone.config.training import TrainingConfig
from roomtone.nets import kernels
from roomtone.training.lazy_adam import LazyAdam, LazyAdamW, values_of
from roomtone.training.optimisation import ParameterGroups

KNOWN = (torch.optim.Adam, torch.optim.AdamW, LazyAdam, LazyAdamW)
HALVED = (nn.Linear, nn.Conv1d, nn.LSTM)  # whose every use multiplies in bfloat16


@dataclass
class _Copied:
    """A parameter, where it stands, and its copy; `seen` is the version that the copy is of."""

    owner: nn.Module
    name: str
    whole: nn.Parameter
    half: nn.Parameter
    seen: int = -1


class HalfWeights(ParameterGroups):
    """Parameters that are computed with in bfloat16 and moved in float32.

    Under autocast each forward pass rounds the weights and each backward pass widens their
    gradients. Here the rounded weights are leaves of the graph themselves, and compiled code
    reads their bfloat16 gradients, moves the float32 weights, and rounds these again, all in one
    pass over the memory. Between steps the network holds its float32 parameters, and all that a
    step depends on is in these and in the optimiser's own state.

    Parameters
    ----------
    optimizer : torch.optim.Optimizer
        One that `parameter_groups` knows.
    peak : float
        The highest rate of the schedule.
    network : nn.Module
        What it moves, on the processor.
    """

    def __init__(self, optimizer: torch.optim.Optimizer, peak: float, network: nn.Module) -> None:
        super().__init__(optimizer, peak)
        self._copied = [
            _Copied(owner, name, whole, nn.Parameter(whole.detach().to(torch.bfloat16)))
            for owner in network.modules()
            if isinstance(owner, HALVED)
            for name, whole in owner.named_parameters(recurse=False)
        ]
        self._halves: dict[Tensor, Tensor] = {each.whole: each.half for each in self._copied}
        self._adam: kernels.Adam | None = None
        self._state: Any = None
        self._moved: list[Tensor] = []
        self._scale = 1.0

    @contextmanager
    def standing_in(self) -> Iterator[None]:
        """Let the network compute with the copies meanwhile."""
        for each in self._copied:
            if each.whole._version != each.seen:  # someone else has written to it
                with torch.no_grad():
                    each.half.copy_(each.whole)
                each.seen = each.whole._version
            each.half.grad = None
            each.half.requires_grad_(each.whole.requires_grad)
            each.owner._parameters[each.name] = each.half
        try:
            yield
        finally:
            for each in self._copied:
                each.owner._parameters[each.name] = each.whole

    def clip(self, limit: float, *, wait: bool = True) -> Tensor:
        """Find what keeps the norm of all gradients to `limit`, 0 meaning none; return the norm.

        They are scaled on the way when the parameters move, and here left as they are.
        """
        with record_function("Optimizer.clip#HalfWeights"):
            held = [p for group in self._optimizer.param_groups for p in group["params"]]
            gradients = {p: found for p in held if (found := self._gradient(p)) is not None}
            norm = self._mover(gradients).take([gradients.get(p) for p in self._moved])
        self._scale = limit / (norm + 1e-6) if limit and not norm <= limit else 1.0
        return torch.tensor(norm)

    def step(self) -> None:
        """Move the parameters by the gradients that were last clipped, and their copies along."""
        if self._adam is None:
            return
        with record_function("Optimizer.step#HalfWeights"):
            self._adam.move(self._optimizer.param_groups, self._scale)
            increment_version(self._moved)
            for each in self._copied:
                each.seen = each.whole._version

    def _gradient(self, parameter: Tensor) -> Tensor | None:
        half = self._halves.get(parameter)
        if half is not None and half.grad is not None:
            return half.grad
        if parameter.grad is not None:
            values_of(parameter)  # which makes it one row for each word, where it is sparse
        return parameter.grad

    def _mover(self, gradients: dict[Tensor, Tensor]) -> kernels.Adam:
        state = self._optimizer.state
        new = gradients.keys() - state.keys()
        # Loading a state puts other tensors in place of these.
        if self._adam is None or self._state is not state or new:
            for parameter in new:
                moments = {name: torch.zeros_like(parameter) for name in ("exp_avg", "exp_avg_sq")}
                state[parameter] = {"step": torch.zeros(()), **moments}
            self._state, self._moved = state, list(state)
            self._adam = self._build()
        return self._adam

    def _build(self) -> kernels.Adam:
        groups = self._optimizer.param_groups
        number = {p: index for index, group in enumerate(groups) for p in group["params"]}
        parts = []
        for parameter in self._moved:
            known = self._state[parameter]
            moments = known["exp_avg"], known["exp_avg_sq"], known["step"]
            half = self._halves.get(parameter)
            parts.append(kernels.Moving(parameter, *moments, half, number[parameter]))
        return kernels.Adam(parts, len(groups))


def parameter_groups(
    optimizer: torch.optim.Optimizer, config: TrainingConfig, network: nn.Module
) -> ParameterGroups:
    """Choose how a training holds its parameters: with `HalfWeights` where it can.

    That takes bfloat16 as the precision, a processor, Adam or AdamW, lazy or not, without flags,
    and the compiled kernels.
    """
    if (
        config.precision == "bf16"
        and type(optimizer) in KNOWN
        and not any(group["amsgrad"] or group["maximize"] for group in optimizer.param_groups)
        and {parameter.device.type for parameter in network.parameters()} == {"cpu"}
        and kernels.available()
    ):
        return HalfWeights(optimizer, config.learning_rate, network)
    return ParameterGroups(optimizer, config.learning_rate)
