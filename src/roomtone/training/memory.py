"""Turning memory that runs out, wherever it does, into the one message that helps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from roomtone.config import Config
from roomtone.training.diagnosis import out_of_memory

# Torch has no class of its own for memory that runs out on a processor or on Apple's GPUs.
_SIGNS = ("can't allocate memory", "out of memory")


@contextmanager
def memory_explained(config: Config) -> Iterator[None]:
    """Say which settings to lower if memory runs out within.

    Parameters
    ----------
    config : Config
        The settings in force, for the message.

    Raises
    ------
    TrainingError
        If memory has run out, on whatever device.
    """
    size, model = config.training.batch_size, config.model
    explained = out_of_memory(size, model.max_len, model.cnn.num_filters)
    try:
        yield
    except (torch.OutOfMemoryError, MemoryError):
        raise explained from None
    except RuntimeError as error:
        if any(sign in str(error) for sign in _SIGNS):
            raise explained from None
        raise
