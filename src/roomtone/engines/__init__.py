"""One interface for all that scores texts; nothing here imports torch or scikit-learn by itself."""

from roomtone.engines.base import RawScores, SentimentEngine
from roomtone.engines.folder import SavedFolder
from roomtone.engines.registry import engine_names, get_sentiment_engine
from roomtone.engines.result import SentimentResult
from roomtone.engines.saving import load_engine, save_engine

__all__ = [
    "RawScores",
    "SavedFolder",
    "SentimentEngine",
    "SentimentResult",
    "engine_names",
    "get_sentiment_engine",
    "load_engine",
    "save_engine",
]
