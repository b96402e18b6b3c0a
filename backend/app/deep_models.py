"""Doorway: the real home is `roomtone.engines.hybrid`."""

from roomtone.engines.hybrid import HybridDLSentimentEngine

__all__ = ["HybridDLSentimentEngine"]
