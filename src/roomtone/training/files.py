"""Files of tensors: written whole or not at all, and read without running anything in them."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any, BinaryIO

import torch

from roomtone.errors import CheckpointError
from roomtone.files import write_atomically


def save_tensors(path: Path, content: dict[str, Any]) -> None:
    """Write tensors and plain values atomically, in torch's own format.

    The same content gives the same bytes, whatever the file is called.

    Raises
    ------
    RoomtoneError
        If the file cannot be written, as on a full disk.
    """
    canonical = _canonical(content, {})
    write_atomically(path, lambda stream: _save(canonical, stream))


def _canonical(value: Any, strings: dict[str, str]) -> Any:
    """Copy what is around the tensors, equal strings becoming one object.

    Pickle abbreviates an object that it meets again, so that else equal contents would differ
    in their bytes by what happens to be shared within them, or with torch's own constants.
    """
    if isinstance(value, dict):
        return {_canonical(k, strings): _canonical(v, strings) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_canonical(item, strings) for item in value)
    if isinstance(value, str):
        copy = value.encode("utf-8", "surrogatepass").decode("utf-8", "surrogatepass")
        return strings.setdefault(value, copy)
    return value


def _save(content: dict[str, Any], stream: BinaryIO) -> None:
    try:
        torch.save(content, stream)
    except RuntimeError as error:
        # On a full disk torch fails once more, while it closes its archive.
        if isinstance(error.__context__, OSError):
            raise error.__context__ from None
        raise


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
            # Torch packs nothing; what is packed could unpack to more than the memory holds.
            if any(entry.compress_type != zipfile.ZIP_STORED for entry in archive.infolist()):
                raise CheckpointError(f"{path} is packed, which no file that roomtone wrote is")
            damaged = archive.testzip()
        if damaged is not None:
            raise CheckpointError(f"{path} is damaged: the checksum of {damaged} is wrong")
        content = torch.load(path, map_location="cpu", weights_only=True)
    except CheckpointError:
        raise
    except zipfile.BadZipFile:
        raise CheckpointError(f"{path} is truncated, or no file that roomtone wrote") from None
    # Torch raises many kinds for foreign and hostile content. Its words are kept out, since
    # they advise to run the code in the file.
    except Exception as error:
        raise CheckpointError(
            f"{path} cannot be used: it is damaged, or holds more than weights and plain values "
            f"({type(error).__name__}). Nothing in it was run"
        ) from None
    if not isinstance(content, dict) or content.get("kind") != kind:
        found = content.get("kind", "none") if isinstance(content, dict) else type(content).__name__
        raise CheckpointError(f"{path} is not a roomtone {kind} (its kind: {found})")
    return content
