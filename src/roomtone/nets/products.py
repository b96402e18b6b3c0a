"""Matrix products of float32 at the processor's full rate."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import torch

SIZE = 64
# oneDNN forgets the product that was compiled first once it has so many: by default 1,024, fewer
# than an epoch's widths and numbers of words ask for. It looks here at its first product.
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "8192")


@contextmanager
def fast_products() -> Iterator[None]:
    """Let oneDNN multiply float32 meanwhile, where it is as exact as PyTorch's own choice.

    PyTorch multiplies float32 by MKL, which leaves AVX-512 unused on processors that are not
    Intel's: there oneDNN is twice as fast. What makes PyTorch ask oneDNN is the leave to round
    to bfloat16, of which oneDNN makes use only where the processor has matrix tiles (AMX).
    Whether it does is tried out once, and if so nothing is changed.
    """
    with _leave() if _exact() else nullcontext():
        yield


def describe() -> str:
    """Tell by which library float32 is multiplied under `fast_products`."""
    return "oneDNN" if _exact() else "PyTorch's choice"


@contextmanager
def _leave() -> Iterator[None]:
    matmul: Any = torch.backends.mkldnn.matmul  # type: ignore[attr-defined]
    before, matmul.fp32_precision = matmul.fp32_precision, "bf16"
    try:
        yield
    finally:
        matmul.fp32_precision = before


@functools.cache
def _exact() -> bool:
    """Tell whether there is such a leave, and a product under it keeps what bfloat16 cannot."""
    backend: Any = torch.backends.mkldnn
    if not (backend.is_available() and hasattr(getattr(backend, "matmul", None), "fp32_precision")):
        return False
    if torch.backends.cpu.get_cpu_capability() != "AVX512":
        return False
    values = torch.full((SIZE, SIZE), 1.0 + 2.0**-12)
    with _leave():
        return torch.equal(values @ torch.eye(SIZE), values)
