"""Writing a set of generated files: whole or not at all, and never over a user's own."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from glob import escape
from pathlib import Path
from typing import Any, BinaryIO

from roomtone.data.fetch import file_sha256
from roomtone.errors import DataError

Writer = Callable[[BinaryIO], None]
_ABANDONED_AFTER = 3600.0  # seconds


def published(folder: Path, stamp: str, settings: Mapping[str, Any]) -> dict[str, Any] | None:
    """Look whether files made with these settings are there and unchanged.

    Parameters
    ----------
    folder : Path
        Where the files lie.
    stamp : str
        Name of the small JSON file that `publish` leaves beside them.
    settings : mapping
        All that decides what the files hold.

    Returns
    -------
    dict or None
        The details given to `publish`; None if a file is missing or altered, or the settings
        were others.
    """
    try:
        left = json.loads((folder / stamp).read_text(encoding="utf-8"))
        hashes: dict[str, str] = left["files"]
        same = left["settings"] == dict(settings) and all(
            file_sha256(folder / name) == sha256 for name, sha256 in hashes.items()
        )
        details: dict[str, Any] = left["details"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        # A stamp that is absent or damaged says nothing: the files are to be written anew.
        return None
    return details if same else None


def publish(
    folder: Path,
    stamp: str,
    settings: Mapping[str, Any],
    writers: Mapping[str, Writer],
    describe: Callable[[], Mapping[str, Any]],
) -> None:
    """Write files to temporary names, then rename them all.

    Parameters
    ----------
    folder : Path
        Where the files go; made if need be.
    stamp : str
        Name of the JSON file that records settings, details and hashes.
    settings : mapping
        All that decides what the files hold.
    writers : mapping of str to callable
        For each file name, what writes its bytes to an open file; called in this order.
    describe : callable
        Called when all is written; gives the details that `published` returns.

    Raises
    ------
    DataError
        If the folder cannot be written, or holds files of these names and no stamp: they are
        then the user's own.
    """
    parts = {name: folder / f".{name}.{os.getpid()}.part" for name in (*writers, stamp)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _refuse_foreign(folder, stamp, writers)
        _sweep(folder, parts)
        for name, write in writers.items():
            with parts[name].open("wb") as file:
                write(file)
        hashes = {name: file_sha256(parts[name]) for name in writers}
        record = {"settings": dict(settings), "details": dict(describe()), "files": hashes}
        parts[stamp].write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        # The stamp first: if this is killed between two renames, a hash disagrees with it, and
        # the next call writes all the files again.
        for name in (stamp, *writers):
            parts[name].replace(folder / name)
    except OSError as error:
        raise DataError(
            f"{folder} cannot be written: {error}. Free some space, or choose another folder "
            f"with --output_dir."
        ) from error
    finally:
        for part in parts.values():
            # What cannot be deleted was never written: the folder is a file, say.
            with suppress(OSError):
                part.unlink(missing_ok=True)


def _sweep(folder: Path, names: Iterable[str]) -> None:
    """Delete what a killed process left half-written; a young file may be another's at work."""
    for name in names:
        for part in folder.glob(f".{escape(name)}.*.part"):
            if time.time() - part.stat().st_mtime > _ABANDONED_AFTER:
                part.unlink(missing_ok=True)


def _refuse_foreign(folder: Path, stamp: str, names: Mapping[str, Writer]) -> None:
    present = [name for name in names if (folder / name).exists()]
    if present and not (folder / stamp).exists():
        raise DataError(
            f"{folder} already holds {', '.join(present)}, not written by this command. Nothing "
            f"was changed: move the files away, or choose another folder with --output_dir."
        )
