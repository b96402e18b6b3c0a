"""Writing files whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

from roomtone.errors import RoomtoneError


def write_atomically(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Write a file under a temporary name, flush it to the disk, then rename it.

    A reader, and a run killed at any moment, finds the old file or the new one, never a part.

    Parameters
    ----------
    path : Path
        The file; its folder is made where it is missing.
    write : callable
        Gets the open stream.

    Raises
    ------
    RoomtoneError
        If the file cannot be written.
    """
    temporary = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as stream:
            write(stream)
            stream.flush()
            os.fsync(stream.fileno())
        move_into_place(temporary, path)
    except OSError as error:
        raise RoomtoneError(f"{path}: cannot be written: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def check_writable(folder: Path) -> None:
    """Make sure, before long work, that its files can be written to a folder.

    What is made for it is removed again, so that work that fails leaves no empty folder.

    Parameters
    ----------
    folder : Path
        There, or to be made.

    Raises
    ------
    RoomtoneError
        If it or a folder above it is a file, cannot be made, or cannot be written to.
    """
    made: list[Path] = []
    try:
        for place in (folder, *folder.parents):
            if place.is_dir():
                break
            if place.exists():
                raise RoomtoneError(f"{place} is a file, and a folder is needed; name another one")
            made.append(place)
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise RoomtoneError(
            f"{folder}: cannot be written to: {error.strerror or error}; name another folder"
        ) from error
    finally:
        for place in made:
            with suppress(OSError):
                place.rmdir()


def move_into_place(temporary: Path, path: Path) -> None:
    """Rename a finished file, replacing what had its name, and make that durable."""
    temporary.replace(path)
    _sync_folder(path.parent)


def write_bytes(path: Path, content: bytes) -> None:
    """Write bytes atomically."""
    write_atomically(path, lambda stream: stream.write(content))


def write_json(path: Path, content: object) -> None:
    """Write JSON atomically, indented, keys in their own order."""
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    write_bytes(path, text.encode("utf-8"))


def _sync_folder(folder: Path) -> None:
    """Make a rename durable where the system can (Windows cannot open folders)."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
