"""PyTorch's settings, which hold for the whole process, as they were before a test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def torch_kept(*, threads: int | None = None) -> Iterator[None]:
    """Put threads and determinism back afterwards; compute on so many threads meanwhile."""
    before = torch.get_num_threads(), torch.get_deterministic_debug_mode()
    if threads is not None:
        torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before[0])
        torch.set_deterministic_debug_mode(before[1])
