"""The model card of a saved engine, written from what its manifest records."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from roomtone.engines.base import SentimentEngine


def model_card(engine: SentimentEngine) -> str:
    """Write the card of an engine as Markdown."""
    return f"# {engine.name}\n\nClasses: {', '.join(engine.class_names)}\n"
