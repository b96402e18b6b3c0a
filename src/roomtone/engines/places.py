"""Where an engine is looked for when no path is given."""

from __future__ import annotations

import os
from pathlib import Path

from roomtone.engines.manifest import MANIFEST
from roomtone.errors import RoomtoneError

VARIABLE = "ROOMTONE_MODELS"


def places(name: str) -> list[Path]:
    """List the folders in which a saved engine of this name is looked for, the first first."""
    chosen = os.environ.get(VARIABLE)
    return [*([Path(chosen) / name] if chosen else []), Path("models") / name]


def find_saved(name: str) -> Path | None:
    """Find the folder of a saved engine by its name; None where there is none."""
    return next((path for path in places(name) if (path / MANIFEST).is_file()), None)


def not_found(name: str, command: str, *, also: str = "") -> RoomtoneError:
    """Make the error that says where an engine was looked for and which command makes one.

    Parameters
    ----------
    name : str
        Name of the engine.
    command : str
        What makes one.
    also : str
        Where else it was looked for.
    """
    looked = [str(path) for path in places(name)] + ([also] if also else [])
    hint = "" if os.environ.get(VARIABLE) else f" (${VARIABLE} is not set)"
    return RoomtoneError(
        f"no saved engine {name!r}: looked in {', '.join(looked)}{hint}. Give its place with "
        f"model_path, or make one with: {command}"
    )
