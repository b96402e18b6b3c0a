"""The engines that a combination is made of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from roomtone.engines.base import FloatArray, SentimentEngine
from roomtone.engines.folder import SavedFolder
from roomtone.errors import RoomtoneError


def gather(models: Iterable[str | SentimentEngine]) -> dict[str, SentimentEngine]:
    """Get each engine, by the name that was given or, for an engine itself, its own.

    Raises
    ------
    RoomtoneError
        If there is none, an engine cannot be found, or two have the same name.
    """
    from roomtone.engines.registry import get_sentiment_engine

    if isinstance(models, str):
        raise RoomtoneError(f"base_models: expected a list of engines, found {models!r}")
    members: dict[str, SentimentEngine] = {}
    for model in models:
        if not isinstance(model, str | SentimentEngine):
            raise RoomtoneError(
                f"base_models: expected names or engines, found {type(model).__name__}"
            )
        engine = get_sentiment_engine(model) if isinstance(model, str) else model
        name = model if isinstance(model, str) else model.name
        if name in members:
            raise RoomtoneError(f"base_models: two engines are called {name!r}; rename one")
        members[name] = engine
    return members


def common_classes(name: str, members: Mapping[str, SentimentEngine]) -> tuple[str, ...]:
    """Return the classes of all members.

    Raises
    ------
    RoomtoneError
        If there is no member, or two have different classes; names both.
    """
    if not members:
        raise RoomtoneError(f"{name}: expected at least one engine in base_models, found none")
    first, *others = members
    classes = members[first].class_names
    for other in others:
        if members[other].class_names != classes:
            raise RoomtoneError(
                f"{name}: all engines must have the same classes in the same order; {first!r} has "
                f"{', '.join(classes)}, {other!r} has {', '.join(members[other].class_names)}"
            )
    return classes


def member_probs(
    members: Mapping[str, SentimentEngine], texts: list[str]
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Score texts by every member.

    Returns
    -------
    probs : ndarray of float64, shape [members, n, classes]
        Calibrated; a member's prior where nothing in the text is known to it.
    known : ndarray of bool, shape [n]
        Whether anything in the text is known to any member.
    """
    scores = [engine.scores(texts) for engine in members.values()]
    return np.stack([probs for probs, _ in scores]), np.any([known for _, known in scores], axis=0)


def subfolders(names: Iterable[str]) -> dict[str, str]:
    """Give each member the name of a sub-folder, fit for every system."""
    folders: dict[str, str] = {}
    for name in names:
        plain = re.sub(r"[^A-Za-z0-9_-]", "_", name).lstrip("-")[:80] or "engine"
        taken = {folder.casefold() for folder in folders.values()}
        number = 1
        folder = plain
        while folder.casefold() in taken:
            number += 1
            folder = f"{plain}_{number}"
        folders[name] = folder
    return folders


def load_members(folder: SavedFolder) -> dict[str, SentimentEngine]:
    """Load the members of a saved combination, in their order.

    Raises
    ------
    CheckpointError
        If ``engine.json`` does not name them, or one cannot be loaded.
    """
    names: Any = folder.manifest.settings.get("models")
    good = isinstance(names, list) and all(isinstance(name, str) for name in names)
    if not good or len(set(names)) < len(names):
        raise folder.error("its settings must list the names of its models")
    return {name: folder.engine(place) for name, place in subfolders(names).items()}
