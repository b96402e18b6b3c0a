"""The training guide's own names: what its scripts import, over the library that does the work."""

from roomtone.data.batches import BatchLoader
from roomtone.data.dataset import CSVSentimentDataset, SentimentDataset
from roomtone.data.folds import create_k_fold_loaders
from roomtone.guide.model import HybridCNNBiLSTM
from roomtone.guide.trainer import HybridDLTrainer
from roomtone.text import CommentTokenizer, Vocabulary

__all__ = [
    "BatchLoader",
    "CSVSentimentDataset",
    "CommentTokenizer",
    "HybridCNNBiLSTM",
    "HybridDLTrainer",
    "SentimentDataset",
    "Vocabulary",
    "create_k_fold_loaders",
]
