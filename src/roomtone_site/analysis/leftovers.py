"""The folder of a model goes with the row that names it."""

from __future__ import annotations

import logging
import re
import shutil
import time
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from roomtone_site.analysis.models import ModelVersion

_LEFT_BEHIND = 24 * 3600.0  # seconds, in which any model is saved
_OWN = re.compile(r"\.?new-.+|[0-9a-f]{64}")  # names that `versions.install` gives
_log = logging.getLogger("roomtone_site.analysis")


def remove_folder(instance: ModelVersion, **_signal: Any) -> None:
    """Remove the folder of a deleted version, once the deletion is certain."""
    if instance.folder:
        transaction.on_commit(partial(_remove, settings.MODELS_FOLDER, instance.folder))


def sweep(models: Path) -> None:
    """Remove the folders that processes left behind which died before their rows were there."""
    old = time.time() - _LEFT_BEHIND
    for folder in models.iterdir():
        forgotten = _OWN.fullmatch(folder.name) and folder.stat().st_mtime < old
        if forgotten and not ModelVersion.objects.filter(folder=folder.name).exists():
            shutil.rmtree(folder, ignore_errors=True)


def _remove(models: Path, name: str) -> None:
    folder = (models / name).resolve()
    if not folder.is_relative_to(models.resolve()) or folder == models.resolve():
        _log.error("%r is no folder below %s and is left alone", name, models)
    elif not ModelVersion.objects.filter(folder=name).exists():
        shutil.rmtree(folder, ignore_errors=True)
