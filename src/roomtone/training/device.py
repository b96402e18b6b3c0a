"""Where a run computes: the device, and how many threads of the processor."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable

import torch

from roomtone.config import Config
from roomtone.errors import ConfigError
from roomtone.nets import HybridNetwork, initialise
from roomtone.training.seeds import INITIALISATION, generator

CLEARLY_FASTER = 1.25
PROBE_WORDS, PROBE_LENGTH, PROBE_STEPS = 100, 24, 3


def choose_device(name: str) -> torch.device:
    """Choose the device; ``auto`` takes CUDA, then MPS, then the processor.

    Raises
    ------
    ConfigError
        If the device that was asked for is not there.
    """
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        name = next((kind for kind, available in there.items() if available), "cpu")
    kind, _, index = name.partition(":")
    if not there.get(kind, True):
        found = ", ".join(["cpu", *(k for k, available in there.items() if available)])
        raise ConfigError(
            [
                f"device: found {name!r}, but torch {torch.__version__} sees no such device here "
                f"(available: {found}); use --device auto, or install the torch build that fits"
            ]
        )
    if kind == "cuda" and index and int(index) >= torch.cuda.device_count():
        raise ConfigError(
            [f"device: found {name!r}, expected cuda:0 to cuda:{torch.cuda.device_count() - 1}"]
        )
    return torch.device(name)


def be_deterministic(wanted: bool) -> None:
    """Let torch use only operations that give the same bytes again, or any."""
    if wanted:
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(wanted)
    # Filling every new tensor would only hide reads of memory that was never written.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    torch.backends.cudnn.benchmark = not wanted


def choose_threads(config: Config) -> int:
    """Set the number of threads for the arithmetic.

    ``auto`` times some training steps of this very network with one thread and with as many
    as there are cores. One thread wins only where it is clearly faster, as on a machine that
    is busy with something else, so that the choice, on which the last bits of a result may
    depend, is the same on every ordinary run.

    Returns
    -------
    int
        The number that is now in force.
    """
    if config.threads != "auto":
        torch.set_num_threads(config.threads)
        return config.threads
    cores = available_cores()
    if cores > 1:
        step = _probe(config)
        alone, together = _seconds(step, 1), _seconds(step, cores)
        cores = 1 if together > CLEARLY_FASTER * alone else cores
    torch.set_num_threads(cores)
    return cores


def available_cores() -> int:
    """Count the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _probe(config: Config) -> Callable[[], None]:
    """Make a training step on a typical batch of the configured network."""
    network = HybridNetwork(config.model, PROBE_WORDS)
    source = generator(config.seed, INITIALISATION)
    initialise(network, source)
    shape = (config.training.batch_size, min(PROBE_LENGTH, config.model.max_len))
    ids = torch.randint(1, PROBE_WORDS, shape, generator=source)

    def step() -> None:
        network.zero_grad(set_to_none=True)
        network(ids).logits.sum().backward()

    return step


def _seconds(step: Callable[[], None], threads: int) -> float:
    torch.set_num_threads(threads)
    step()
    times = []
    for _ in range(PROBE_STEPS):
        began = time.perf_counter()
        step()
        times.append(time.perf_counter() - began)
    return statistics.median(times)
