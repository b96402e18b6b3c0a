"""Engines that other packages bring, found by their entry points."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import Any

from roomtone.errors import RoomtoneError

GROUP = "roomtone.engines"


def plugin_names() -> list[str]:
    """Name the engines that installed packages bring."""
    return sorted({point.name for point in entry_points(group=GROUP)})


def plugin(name: str) -> Any:
    """Import what an entry point names; None where there is none of this name.

    Raises
    ------
    RoomtoneError
        If it cannot be imported; names the package that it belongs to.
    """
    points = sorted(entry_points(group=GROUP, name=name), key=lambda point: point.value)
    if not points:
        return None
    try:
        return points[0].load()
    # Whatever the module of another package raises while it is imported.
    except Exception as error:
        raise RoomtoneError(
            f"engine {name!r} of {_origin(points[0])} cannot be imported "
            f"({points[0].value}): {type(error).__name__}: {error}"
        ) from error


def _origin(point: EntryPoint) -> str:
    return "an unknown package" if point.dist is None else f"the package {point.dist.name!r}"
