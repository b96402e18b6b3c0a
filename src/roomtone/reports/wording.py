"""How pages write what records hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def flat_settings(settings: Any, at: str = "") -> list[tuple[str, str]]:
    """List settings by their dotted names, as text."""
    if isinstance(settings, Mapping) and settings:
        return [
            leaf
            for key, inner in settings.items()
            for leaf in flat_settings(inner, f"{at}.{key}" if at else str(key))
        ]
    if isinstance(settings, (list, tuple)):
        return [(at, ", ".join(map(str, settings)))]
    return [(at, "none" if settings is None else str(settings))]
