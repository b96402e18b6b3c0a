"""Independent streams of randomness from the one seed of a run."""

from __future__ import annotations

import numpy as np
import torch

INITIALISATION, DROPOUT, RANGE_TEST, SEARCH = 1, 2, 3, 4


def derive(seed: int, *path: int) -> int:
    """Derive the seed of a stream: the same path gives the same one, others are independent."""
    return int(np.random.SeedSequence([seed, *path]).generate_state(1, np.uint64)[0])


def generator(seed: int, *path: int, device: str = "cpu") -> torch.Generator:
    """Make a generator for a stream of its own."""
    return torch.Generator(device=device).manual_seed(derive(seed, *path))
