"""Where a run computes: the device, and how many threads of the processor."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch

from roomtone.config import Config
from roomtone.errors import ConfigError
from roomtone.nets import HybridNetwork, initialise
from roomtone.nets.products import fast_products
from roomtone.training.evaluation import autocast
from roomtone.training.seeds import INITIALISATION, generator

CLEARLY_FASTER = 1.25
PROBE_WORDS, PROBE_LENGTH, PROBE_ROUNDS = 1000, 24, 5


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


@contextmanager
def torch_settings(threads: int | None, *, deterministic: bool) -> Iterator[None]:
    """Set threads and determinism as a run does, and leave them afterwards as they were."""
    before = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    benchmark = torch.backends.cudnn.benchmark
    try:
        torch.set_num_threads(threads or before[0])
        be_deterministic(deterministic)
        yield
    finally:
        torch.set_num_threads(before[0])
        be_deterministic(before[1])
        torch.backends.cudnn.benchmark = benchmark


def choose_threads(config: Config) -> int:
    """Set the number of threads for the arithmetic.

    ``auto`` times some training steps of this very network with one thread and with as many
    as there are cores. One thread wins only where it is clearly faster, as on a machine that
    is busy with something else, so that the choice, on which the last bits of a result may
    depend, is the same on every ordinary run. Where a GPU computes, nothing is measured.

    Returns
    -------
    int
        The number that is now in force.
    """
    if config.threads != "auto":
        torch.set_num_threads(config.threads)
        return config.threads
    cores = available_cores()
    if cores > 1 and choose_device(config.device).type == "cpu":
        cores = 1 if alone_is_faster(_probe(config), cores) else cores
    torch.set_num_threads(cores)
    return cores


def available_cores() -> int:
    """Count the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def alone_is_faster(step: Callable[[], None], threads: int) -> bool:
    """Tell whether a step is clearly faster with one thread than with several.

    The two take turns, since what else a machine does changes from moment to moment; most of
    the rounds decide, so that a single long wait does not.

    Parameters
    ----------
    step : callable
        What is timed.
    threads : int
        How many are compared with one.
    """
    for count in (1, threads):  # what is made once for each number of threads is made now
        _seconds(step, count)
    faster = slower = 0
    while max(faster, slower) <= PROBE_ROUNDS // 2:
        alone, together = _seconds(step, 1), _seconds(step, threads)
        if together > CLEARLY_FASTER * alone:
            faster += 1
        else:
            slower += 1
    return faster > slower


def _probe(config: Config) -> Callable[[], None]:
    """Make a training step on a typical batch of the configured network."""
    network = HybridNetwork(config.model, PROBE_WORDS)
    source = generator(config.seed, INITIALISATION)
    initialise(network, source)
    shape = (config.training.batch_size, min(PROBE_LENGTH, config.model.max_len))
    ids = torch.randint(1, PROBE_WORDS, shape, generator=source)

    @fast_products()
    def step() -> None:
        network.zero_grad(set_to_none=True)
        with autocast(torch.device("cpu"), config.training.precision):
            logits = network(ids).logits
        logits.sum().backward()

    return step


def _seconds(step: Callable[[], None], threads: int) -> float:
    torch.set_num_threads(threads)
    began = time.perf_counter()
    step()
    return time.perf_counter() - began
