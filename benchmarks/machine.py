"""What the machine is, and what its matrix multiplication reaches."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import torch

from roomtone.training.manifest import environment

SIZE, ROUNDS = 1536, 12
# What a processor multiplies bfloat16 by, as torch names it; the last two are Arm's.
BF16_CAPABILITIES = ("avx512_bf16", "amx_bf16", "bf16", "sve_bf16")


def describe_machine() -> dict[str, Any]:
    """Describe processor, cores, torch and the threads in force."""
    found = environment(torch.device("cpu"))
    return {
        "processor": found["hardware"]["processor"],
        "cores": found["hardware"]["cores"],
        "memory_gib": found["hardware"]["memory_gib"],
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "python": found["python"],
        "bf16": has_bf16(),
    }


def machine_line(machine: dict[str, Any]) -> str:
    """Say the same in a line."""
    return (
        f"{machine['processor']}, {machine['cores']} cores, {machine['threads']} threads, "
        f"torch {machine['torch']}, Python {machine['python']}"
    )


def has_bf16() -> bool:
    """Tell whether the processor itself multiplies bfloat16; elsewhere it is only emulated."""
    capabilities = torch.cpu.get_capabilities()
    return any(capabilities.get(name, False) for name in BF16_CAPABILITIES)


def matmul_rate(dtype: torch.dtype, size: int = SIZE, rounds: int = ROUNDS) -> float:
    """Measure the best rate of a large square matrix product, in GFLOP/s."""
    a, b = (torch.randn(size, size).to(dtype) for _ in range(2))
    best = min(seconds(lambda: a @ b) for _ in range(rounds))
    return 2 * size**3 / best / 1e9


def seconds(work: Callable[[], object]) -> float:
    """Time one call."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
