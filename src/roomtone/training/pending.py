"""Steps that have been taken and not yet read, so that a GPU need not wait for its host."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from torch import Tensor

READ_SECONDS = 1.0


@dataclass(frozen=True)
class Step:
    """What a step has yielded.

    Attributes
    ----------
    rows : ndarray
        Which rows of the loader it saw, ``[batch]``.
    rate : float
        Its learning rate.
    measured : Tensor
        Mean loss, the weight that it is a mean over, norm of the gradient; float32, ``[3]``.
    predicted : Tensor
        Most probable classes, ``[batch]``.
    """

    rows: np.ndarray
    rate: float
    measured: Tensor
    predicted: Tensor

    @classmethod
    def of(
        cls,
        rows: np.ndarray,
        rate: float,
        *,
        loss: Tensor,
        weight: Tensor,
        norm: Tensor | float,
        logits: Tensor,
    ) -> Step:
        """Collect it; nothing is read from the device."""
        loss = loss.detach()
        if not isinstance(norm, Tensor):
            norm = loss.new_full((), norm)
        measured = torch.stack([loss, weight.to(loss.dtype), norm.detach().to(loss.dtype)])
        return cls(rows, rate, measured, logits.detach().argmax(dim=1))


class PendingSteps:
    """Keeps steps on the device until they are read, all at once; to be entered for a training.

    On a processor each step is read at once, and looked at before the weights move. A GPU
    would stand still meanwhile. There, a step that is not finite sets a flag on the device,
    at which the fused optimiser leaves the weights as they are, in this step and in all later
    ones; the host learns of it when it reads.

    Parameters
    ----------
    optimizer : torch.optim.Optimizer
        What moves the weights; one that is not fused knows no such flag, and is not run ahead of.
    device : torch.device
        Where the steps are computed.
    seconds : float, optional
        How long to go on without reading; by default a second on a CUDA device, else not at all.
    """

    def __init__(
        self,
        optimizer: torch.optim.Optimizer,
        device: torch.device,
        *,
        seconds: float | None = None,
    ) -> None:
        if seconds is None:
            seconds = READ_SECONDS if device.type == "cuda" else 0.0
        self.deferred = seconds > 0 and all(g.get("fused") for g in optimizer.param_groups)
        self._seconds = seconds if self.deferred else 0.0
        self._read_at = -math.inf
        self._steps: list[Step] = []
        self._optimizer, self._failed = optimizer, torch.zeros((), device=device)

    def __enter__(self) -> Self:
        self._failed.zero_()
        if self.deferred:
            # Where torch's gradient scaler, too, leaves what fused optimisers shall look at.
            self._optimizer.found_inf = self._failed  # type: ignore[attr-defined]
        return self

    def __exit__(self, *raised: object) -> None:
        self._steps = []
        if self.deferred:
            del self._optimizer.found_inf  # type: ignore[attr-defined]

    def __len__(self) -> int:
        return len(self._steps)

    @property
    def due(self) -> bool:
        """Whether it is time to read."""
        return time.monotonic() - self._read_at >= self._seconds

    def add(self, step: Step) -> None:
        """Keep a step, before the optimiser takes it."""
        self._steps.append(step)
        if self.deferred:
            finite = step.measured.isfinite().all()
            torch.maximum(self._failed, (~finite).to(self._failed.dtype), out=self._failed)

    def take(self) -> list[Step]:
        """Read all steps, their tensors being on the host now, and forget them."""
        steps, self._steps = self._steps, []
        self._read_at = time.monotonic()
        if not self.deferred or not steps:
            return steps
        measured = torch.stack([step.measured for step in steps]).cpu()
        predicted = torch.cat([step.predicted for step in steps]).cpu()
        parts = torch.split(predicted, [len(step.rows) for step in steps])
        return [
            Step(step.rows, step.rate, numbers, classes)
            for step, numbers, classes in zip(steps, measured, parts, strict=True)
        ]
