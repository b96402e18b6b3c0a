"""Files that visitors send: kept below the site's folder until a worker has imported them."""

from __future__ import annotations

import re
import secrets
import shutil
import time
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from roomtone.data.streams import format_of
from roomtone.errors import DataError
from roomtone_site.comments.models import Import
from roomtone_site.jobs.queueing import enqueue

MOST_WAITING = 5
OPEN = (Import.State.QUEUED, Import.State.RUNNING)
_PLAIN = re.compile(r"[^\w.-]+")
_LEFT_BEHIND = 24 * 3600.0  # seconds after which a file without a job is one that was forgotten


def receive(owner: Any, name: str, content: Iterable[bytes], title: str) -> Import:
    """Store a file that was sent, and put its import before the workers.

    Parameters
    ----------
    owner : User
        Whose the comments will be.
    name : str
        The file's. Of it letters, digits, dots, _ and - alone are kept: the ending tells the form,
        and the rest is what a video without a title is called.
    content : iterable of bytes
        The file, piece by piece.
    title : str
        What to call the video; may be empty.

    Raises
    ------
    DataError
        If the name does not tell the form, too many files of the account wait already, or the
        disk does not take it.
    """
    name = _PLAIN.sub("_", Path(name).name)[-60:]
    if name.startswith("."):
        name = f"comments.{name.lstrip('.')}"
    try:
        format_of(name, None, "")
    except DataError:
        raise DataError(
            f"{name}: its name does not say what it holds; expected it to end in .csv, .tsv, "
            ".jsonl, .ndjson, .csv.gz, .jsonl.gz or .parquet"
        ) from None
    if Import.objects.owned_by(owner).filter(state__in=OPEN).count() >= MOST_WAITING:
        raise DataError(f"{MOST_WAITING} files of yours are being imported; wait for one of them")
    _sweep()
    found = Import(owner=owner, name=name, title=title, folder=secrets.token_hex(16))
    folder = _folder(found)
    try:
        _store(folder / name, content)
        with transaction.atomic():
            found.save()
            enqueue(found)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return found


def _store(path: Path, content: Iterable[bytes]) -> None:
    try:
        path.parent.mkdir(parents=True, mode=0o700)
        with path.open("wb") as file:
            file.writelines(content)
    except OSError as error:
        raise DataError(
            f"{path.name} could not be stored here ({error.strerror or error}); try again later"
        ) from error


def file_of(row: Import) -> Path:
    """Give the file of an import.

    Raises
    ------
    DataError
        If it is not there.
    """
    path = _folder(row) / row.name
    if not path.is_file():
        raise DataError("The file is no longer there; send it again.")
    return path


def drop_ended(instance: Import, **_signal: Any) -> None:
    """Remove the file of an import that was saved as done or failed."""
    if instance.state not in OPEN:
        drop(instance)


def drop(instance: Import, **_signal: Any) -> None:
    """Remove the file of an import, once it is certain that it is not needed any more."""
    if instance.folder:
        transaction.on_commit(partial(shutil.rmtree, _folder(instance), ignore_errors=True))


def _folder(row: Import) -> Path:
    return Path(settings.UPLOADS_FOLDER) / row.folder


def _sweep() -> None:
    """Remove what processes left behind that died between storing a file and its row."""
    old = time.time() - _LEFT_BEHIND
    for folder in Path(settings.UPLOADS_FOLDER).glob("*"):
        forgotten = folder.stat().st_mtime < old
        if forgotten and not Import.objects.filter(folder=folder.name, state__in=OPEN).exists():
            shutil.rmtree(folder, ignore_errors=True)
