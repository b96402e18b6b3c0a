"""Doorway: the real homes are `roomtone.guide` and, for the parts, `roomtone.nets`."""

from roomtone.guide import HybridCNNBiLSTM

__all__ = ["HybridCNNBiLSTM"]
