"""Where the time of a training step goes, by torch's profiler.

Operations are attributed to the part of the network in whose forward pass they ran, and those of
the backward pass to the part whose operation they differentiate; where no part is known, the
operation's own name decides.
"""

from __future__ import annotations

import time
from collections import defaultdict
from contextlib import ExitStack
from typing import Any

from torch import nn
from torch.profiler import ProfilerActivity, profile, record_function

from roomtone.training.loop import Trainer
from roomtone.training.observers import Quiet

PREFIX = "part: "
PARTS = {"bilstm": "LSTM", "cnn": "convolution"}
PRODUCTS, OPTIMISER, REST, BETWEEN = (
    "other matrix products",
    "optimiser and clipping",
    "elementwise and other",
    "Python between operations",
)
# What the name of an operation, or of one that it runs in, says where no part of the network does.
NAMED = (
    (("optimizer.", "adam", "clip_grad", "_foreach", "vector_norm"), OPTIMISER),
    (("lstm", "rnn", "recurrent"), "LSTM"),
    (("conv",), "convolution"),
    (("linear", "matmul", "addmm", "bmm", "::mm", "mmbackward"), PRODUCTS),
)


class StepProfile(Quiet):
    """Profiles some steps of a training, after the first ones.

    Parameters
    ----------
    skip, steps : int
        Steps to let pass; steps to look at.
    """

    def __init__(self, skip: int = 20, steps: int = 40) -> None:
        self.skip, self.steps = skip, steps
        self.shares: dict[str, float] = {}
        self._seen, self._began = 0, 0.0
        self._open = ExitStack()

    def batch_ends(self, trainer: Trainer, loss: float, texts: int) -> None:
        """Begin or end, if it is time."""
        self._seen += 1
        if self._seen == self.skip:
            _mark_parts(trainer.network, self._open)
            self._profiler = self._open.enter_context(profile(activities=[ProfilerActivity.CPU]))
            self._began = time.perf_counter()
        elif self._seen == self.skip + self.steps:
            elapsed = time.perf_counter() - self._began
            self._open.close()
            self.shares = shares_of(self._profiler.events(), elapsed)

    def train_ends(self, trainer: Trainer) -> None:
        """Leave the network as it was, also where the epoch had too few steps."""
        self._open.close()


def shares_of(events: Any, elapsed: float) -> dict[str, float]:
    """Add up the shares of the elapsed seconds, largest first."""
    forward = {
        event.sequence_nr: label
        for event in events
        if event.scope == 0 and event.sequence_nr >= 0 and (label := _part_of(event))
    }
    totals: dict[str, float] = defaultdict(float)
    for event in events:
        totals[_group(event, forward)] += event.self_cpu_time_total / 1e6
    shares = {name: value / elapsed for name, value in totals.items()}
    shares[BETWEEN] = max(0.0, 1 - sum(shares.values()))
    return dict(sorted(shares.items(), key=lambda item: -item[1]))


def _mark_parts(network: nn.Module, opened: ExitStack) -> None:
    """Let the profiler see when the parts of the network run."""
    for name, label in PARTS.items():
        part = getattr(network, name, None)
        if part is None:
            continue
        running: list[ExitStack] = []

        def enter(*_: object, running: list[ExitStack] = running, label: str = label) -> None:
            running.append(ExitStack())
            running[-1].enter_context(record_function(PREFIX + label))

        def leave(*_: object, running: list[ExitStack] = running) -> None:
            running.pop().close()

        opened.callback(part.register_forward_pre_hook(enter).remove)
        opened.callback(part.register_forward_hook(leave).remove)


def _part_of(event: Any) -> str | None:
    """Name the part of the network within whose forward pass an operation ran."""
    while event is not None:
        if event.name.startswith(PREFIX):
            return str(event.name.removeprefix(PREFIX))
        event = event.cpu_parent
    return None


def _group(event: Any, forward: dict[int, str]) -> str:
    found: str | None = None
    while event is not None:
        if event.name.startswith(PREFIX):
            return str(event.name.removeprefix(PREFIX))
        if event.scope == 1 and event.sequence_nr in forward:
            return forward[event.sequence_nr]
        found = found or _named(event.name.lower())
        event = event.cpu_parent
    return found or REST


def _named(name: str) -> str | None:
    return next((group for words, group in NAMED if any(word in name for word in words)), None)
