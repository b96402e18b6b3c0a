"""Doorway: the real home is `roomtone.engines`."""

from roomtone.engines import (
    SentimentEngine,
    SentimentResult,
    engine_names,
    get_sentiment_engine,
    load_engine,
    save_engine,
)

__all__ = [
    "SentimentEngine",
    "SentimentResult",
    "engine_names",
    "get_sentiment_engine",
    "load_engine",
    "save_engine",
]
