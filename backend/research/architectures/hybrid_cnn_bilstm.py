"""Doorway: the real home is `roomtone.guide.model`, over the network in `roomtone.nets.hybrid`."""

from roomtone.guide import HybridCNNBiLSTM

__all__ = ["HybridCNNBiLSTM"]
