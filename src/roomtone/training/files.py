"""Writing files whole or not at all, and reading weights that may come from anywhere."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import torch

from roomtone.errors import CheckpointError


def write_atomically(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Write a file under a temporary name, flush it to the disk, then rename it.

    A reader, and a run killed at any moment, finds the old file or the new one, never a part.
    """
    temporary = path.with_name(f".{path.name}.part")
    with temporary.open("wb") as stream:
        write(stream)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)
    _sync_folder(path.parent)


def write_json(path: Path, content: object) -> None:
    """Write JSON atomically, indented, keys in their own order."""
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    write_atomically(path, lambda stream: stream.write(text.encode("utf-8")))


def save_tensors(path: Path, content: dict[str, Any]) -> None:
    """Write tensors and plain values atomically, in torch's own format.

    The same content gives the same bytes, whatever the file is called.
    """
    write_atomically(path, lambda stream: torch.save(content, stream))


def load_tensors(path: Path, *, kind: str) -> dict[str, Any]:
    """Read a file of tensors and plain values; nothing in it is executed.

    Parameters
    ----------
    path : Path
        The file.
    kind : str
        What its ``"kind"`` entry must say.

    Raises
    ------
    CheckpointError
        If the file is missing, truncated, altered, foreign, or holds more than tensors and
        plain values.
    """
    if not path.is_file():
        raise CheckpointError(f"{path}: no such file")
    try:
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
        if damaged is not None:
            raise CheckpointError(f"{path} is damaged: the checksum of {damaged} is wrong")
        content = torch.load(path, map_location="cpu", weights_only=True)
    except CheckpointError:
        raise
    except zipfile.BadZipFile:
        raise CheckpointError(f"{path} is truncated, or no file that roomtone wrote") from None
    except Exception as error:  # torch raises many kinds for foreign and hostile content
        reason = str(error).split("\n", 1)[0]
        raise CheckpointError(
            f"{path} cannot be used: it is damaged, or holds more than weights and plain values "
            f"({type(error).__name__}: {reason})"
        ) from None
    if not isinstance(content, dict) or content.get("kind") != kind:
        found = content.get("kind", "none") if isinstance(content, dict) else type(content).__name__
        raise CheckpointError(f"{path} is not a roomtone {kind} (its kind: {found})")
    return content


def _sync_folder(folder: Path) -> None:
    """Make a rename durable where the system can (Windows cannot open folders)."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
