"""Doorway: the real home is `roomtone.data`, and `roomtone.text` for what concerns words."""

from roomtone.data.batches import BatchLoader
from roomtone.data.dataset import CSVSentimentDataset, SentimentDataset
from roomtone.data.folds import create_k_fold_loaders
from roomtone.text import CommentTokenizer, Vocabulary

__all__ = [
    "BatchLoader",
    "CSVSentimentDataset",
    "CommentTokenizer",
    "SentimentDataset",
    "Vocabulary",
    "create_k_fold_loaders",
]
