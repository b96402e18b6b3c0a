"""Doorway: the real home is `roomtone.data.dataset`."""

from roomtone.data.dataset import CSVSentimentDataset, SentimentDataset

__all__ = ["CSVSentimentDataset", "SentimentDataset"]
