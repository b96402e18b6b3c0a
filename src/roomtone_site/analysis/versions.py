"""Versions of models: finding the one to use, loading it once, installing and putting to use.

Nothing that a request brings becomes part of a path: versions are found by name in the database,
and their folders are named by the digest of what is in them.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections import OrderedDict
from pathlib import Path
from threading import Lock
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F

from roomtone.engines import SavedFolder, SentimentEngine, save_engine
from roomtone.engines.saving import load_folder
from roomtone.errors import CheckpointError, DataError, RoomtoneError, nearest
from roomtone.labels import SENTIMENT
from roomtone_site.analysis.leftovers import sweep
from roomtone_site.analysis.models import ModelVersion

_NAME = re.compile(r"\w[\w .()+-]{0,99}")
_KEPT = 3  # engines in memory: the one in use, and those that it is compared with
_loaded: OrderedDict[tuple[str, str], SentimentEngine] = OrderedDict()
_lock = Lock()


class NoModelError(RoomtoneError):
    """There is no such model, or none at all."""


def find_version(user: Any, name: str = "") -> ModelVersion:
    """Find the version of a model that an account is to use.

    Parameters
    ----------
    user : User
        The account; it may use its own models and those of the site.
    name : str
        The model's name: of several versions the one in use, else the newest. Without a name it is
        the account's model in use, else the site's.

    Raises
    ------
    NoModelError
        If there is none; the text names those that there are.
    """
    usable = ModelVersion.objects.usable_by(user)
    own_first = F("owner").desc(nulls_last=True)
    if _NAME.fullmatch(name):
        found = usable.filter(name=name).order_by(own_first, "-active", "-created", "-id")
    else:
        found = usable.none() if name else usable.filter(active=True).order_by(own_first)
    version: ModelVersion | None = found.first()
    if version is not None:
        return version
    names = sorted(set(usable.values_list("name", flat=True)))
    if not names:
        raise NoModelError(
            "No model is installed yet. Whoever runs the site installs one with: "
            "manage.py install_model"
        )
    if not name:
        raise NoModelError(f"No model is in use; choose one of: {', '.join(names)}.")
    raise NoModelError(
        f"unknown model {name[:100]!r} (known: {', '.join(names)}){nearest(name[:100], names)}"
    )


def load_version(version: ModelVersion) -> SentimentEngine:
    """Load a version's engine; the same one again while this process has it in memory.

    Raises
    ------
    RoomtoneError
        If its folder is not where it should be, was altered, or has other classes than the site.
    """
    path = folder_of(version)
    key = (str(path), version.digest)
    with _lock:
        if key not in _loaded:
            _loaded[key] = _load(path, version)
            if len(_loaded) > _KEPT:
                _loaded.popitem(last=False)
        _loaded.move_to_end(key)
        return _loaded[key]


def folder_of(version: ModelVersion) -> Path:
    """Give the folder of a version, which lies directly in the site's folder of models.

    Raises
    ------
    CheckpointError
        If what is stored names another place.
    """
    models = Path(settings.MODELS_FOLDER).resolve()
    # A null character would end in an error of the system's.
    path = (models / version.folder.replace("\0", "/")).resolve()
    if path.parent != models:
        raise CheckpointError(
            f"model {version.name!r}: {version.folder!r} is no folder directly in the site's "
            "folder of models; install the model again"
        )
    return path


def install(
    engine: SentimentEngine,
    name: str,
    *,
    owner: Any = None,
    metrics: dict[str, Any] | None = None,
    trained_on: dict[str, Any] | None = None,
    use: bool = False,
) -> ModelVersion:
    """Save an engine in the site's folder of models as a new version.

    Parameters
    ----------
    engine : SentimentEngine
        Of the site's three classes.
    name : str
        What pages call it: letters, digits, blanks and ``. _ - + ( )``.
    owner : User, optional
        Whose it is; of the site where not given.
    metrics, trained_on : dict, optional
        What is known of it, as JSON can hold it; the engine's own record where not given.
    use : bool
        Also put it to use.

    Raises
    ------
    RoomtoneError
        If the name, the classes or the disk do not allow it.
    """
    check_name(name)
    columns_of(engine)
    models = Path(settings.MODELS_FOLDER)
    models.mkdir(parents=True, exist_ok=True)
    sweep(models)
    new = save_engine(engine, models / f"new-{os.getpid()}-{secrets.token_hex(8)}")
    digest = SavedFolder(new).manifest.digest
    _move(new, models / digest)
    version = ModelVersion(
        owner=owner,
        name=name,
        kind=engine.kind,
        folder=digest,
        digest=digest,
        metrics=metrics if metrics is not None else engine.record.get("metrics", {}),
        trained_on=trained_on if trained_on is not None else engine.record.get("data", {}),
    )
    with transaction.atomic():
        version.save()
        if use:
            put_to_use(version)
    return version


def check_name(name: str) -> None:
    """Make sure that a model can have this name.

    Raises
    ------
    DataError
        If it cannot.
    """
    if not _NAME.fullmatch(name):
        raise DataError(
            f"{name[:100]!r} is no name for a model: expected up to 100 letters, digits, blanks "
            "and . _ - + ( ), the first a letter or digit"
        )


def put_to_use(version: ModelVersion) -> None:
    """Let a version be the one in use of its owner, or of the site; the others stay."""
    with transaction.atomic():
        same = ModelVersion.objects.select_for_update().filter(owner=version.owner, active=True)
        before = same.exclude(pk=version.pk).first()
        same.exclude(pk=version.pk).update(active=False)
        version.active = True
        if before is not None:
            version.replaced = before
        version.save(update_fields=["active", "replaced"])


def columns_of(engine: SentimentEngine) -> list[int]:
    """Give the columns of an engine's probabilities in the order of the site's classes.

    Raises
    ------
    RoomtoneError
        If it has other classes.
    """
    names = [name.strip().lower() for name in engine.class_names]
    if sorted(names) != sorted(SENTIMENT):
        raise RoomtoneError(
            f"model {engine.name!r} has the classes {', '.join(names)}; the site needs "
            f"{', '.join(SENTIMENT)}"
        )
    return [names.index(name) for name in SENTIMENT]


def _load(path: Path, version: ModelVersion) -> SentimentEngine:
    folder = SavedFolder(path)
    if folder.manifest.digest != version.digest:
        raise CheckpointError(
            f"model {version.name!r}: {path} holds another engine than was installed; install the "
            "model again"
        )
    engine = load_folder(folder)
    columns_of(engine)
    return engine


def _move(new: Path, target: Path) -> None:
    """Give a folder its name; one of the same digest that is there already is as good."""
    try:
        new.rename(target)
    except OSError as error:
        shutil.rmtree(new, ignore_errors=True)
        if not target.is_dir():
            raise RoomtoneError(f"{target}: cannot be written: {error}") from error
        os.utime(target)  # lest it be swept as one that was left behind
