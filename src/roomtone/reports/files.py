"""Writing a file so that a reader, or a killed process, never sees half of it."""

from __future__ import annotations

import os
from pathlib import Path

from roomtone.errors import RoomtoneError


def replace_file(path: Path, content: bytes) -> None:
    """Write a file under a temporary name beside it and rename it into place.

    Raises
    ------
    RoomtoneError
        If the folder cannot be written to.
    """
    temporary = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(content)
        os.replace(temporary, path)
    except OSError as error:
        raise RoomtoneError(f"{path}: cannot be written: {error.strerror or error}") from error
