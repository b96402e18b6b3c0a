"""Sentiment models for comments: train, compare, explain and serve."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from roomtone.engines import (
        SentimentEngine,
        SentimentResult,
        get_sentiment_engine,
        load_engine,
        save_engine,
    )

__all__ = [
    "SentimentEngine",
    "SentimentResult",
    "get_sentiment_engine",
    "load_engine",
    "save_engine",
]


def __getattr__(name: str) -> Any:
    """Import the engines on first use: the command line's help shall not wait for NumPy."""
    if name in __all__:
        return getattr(import_module("roomtone.engines"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
