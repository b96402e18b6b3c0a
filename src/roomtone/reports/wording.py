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


def described(hardware: Any) -> str:
    """List what is recorded of a machine; nothing where nothing is."""
    known = hardware.items() if isinstance(hardware, Mapping) else ()
    return ", ".join(f"{name} {value}" for name, value in known if value is not None)
