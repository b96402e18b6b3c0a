"""Doorway: the real homes are `roomtone.data.batches` and `roomtone.data.folds`."""

from roomtone.data.batches import Batch, BatchLoader
from roomtone.data.folds import create_k_fold_loaders

__all__ = ["Batch", "BatchLoader", "create_k_fold_loaders"]
