"""Doorway: the real homes are `roomtone.guide` and, for the loop, `roomtone.training`."""

from roomtone.guide import HybridDLTrainer

__all__ = ["HybridDLTrainer"]
