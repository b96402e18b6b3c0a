"""Doorway: the real home is `roomtone.guide.trainer`, over the loop in `roomtone.training.loop`."""

from roomtone.guide import HybridDLTrainer

__all__ = ["HybridDLTrainer"]
