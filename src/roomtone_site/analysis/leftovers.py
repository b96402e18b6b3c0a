"""The folder of a model goes with the row that names it."""

from __future__ import annotations

import logging
import shutil
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from roomtone_site.analysis.models import ModelVersion

_log = logging.getLogger("roomtone_site.analysis")


def remove_folder(instance: ModelVersion, **_signal: Any) -> None:
    """Remove the folder of a deleted version, once the deletion is certain."""
    if instance.folder:
        transaction.on_commit(partial(_remove, settings.MODELS_FOLDER, instance.folder))


def _remove(models: Path, name: str) -> None:
    folder = (models / name).resolve()
    if not folder.is_relative_to(models.resolve()) or folder == models.resolve():
        _log.error("%r is no folder below %s and is left alone", name, models)
    elif not ModelVersion.objects.filter(folder=name).exists():
        shutil.rmtree(folder, ignore_errors=True)
