"""Engines by name: those of this library, and those that other packages bring."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

from roomtone.engines.base import SentimentEngine
from roomtone.engines.folder import SavedFolder
from roomtone.engines.places import find_saved, not_found
from roomtone.engines.plugins import plugin, plugin_names
from roomtone.engines.saving import load_folder
from roomtone.errors import RoomtoneError, nearest

BASELINES = ("logreg", "svm", "tfidf")
# Each names a callable that takes the engine's options as keywords and gives the engine; without
# options it finds a saved one (`places.find_saved`) or raises `places.not_found`.
BUILDERS: dict[str, str] = {
    "hybrid_dl": "roomtone.engines.hybrid:get_hybrid",
    "ensemble": "roomtone.engines.ensemble:build_ensemble",
    "stacking": "roomtone.engines.stacking:build_stacking",
    "onnx": "roomtone.engines.onnx:load_onnx",
}

_recent: dict[str, SentimentEngine] = {}


def engine_names() -> list[str]:
    """Name every engine that can be asked for here, those of other packages included."""
    own = [*BASELINES, *BUILDERS]
    return [*own, *(name for name in plugin_names() if name not in own)]


def get_sentiment_engine(name: str, **options: Any) -> SentimentEngine:
    """Get an engine by its name.

    Parameters
    ----------
    name : str
        ``logreg``, ``svm``, ``tfidf``, or one that an installed package brings under the entry
        point group ``roomtone.engines``; `engine_names` lists them.
    **options
        What the engine takes; ``model_path`` names the folder of a saved one. Without options it
        is the engine last obtained under this name in this process, else the one saved in
        ``$ROOMTONE_MODELS/NAME``, else in ``models/NAME``.

    Raises
    ------
    RoomtoneError
        If there is no such engine or option, or nothing is saved under the name; the text lists
        the names, or says where it was looked for and which command makes one. Also if what is
        saved is an engine of another kind, which `load_engine` loads.
    """
    if not options and name in _recent:
        return _recent[name]
    build = _builder(name)
    _check_options(name, build, options)
    engine = build(**options)
    if not isinstance(engine, SentimentEngine):
        raise RoomtoneError(
            f"engine {name!r} gave {type(engine).__name__}, expected a SentimentEngine"
        )
    _recent[name] = engine
    return engine


def _builder(name: str) -> Callable[..., Any]:
    if name in BASELINES:
        return _baseline(name)
    if name in BUILDERS:
        module, _, attribute = BUILDERS[name].partition(":")
        found = getattr(import_module(module), attribute)
    else:
        found = plugin(name)
    if found is None:
        names = engine_names()
        raise RoomtoneError(
            f"unknown engine {name!r} (known: {', '.join(names)}){nearest(name, names)}"
        )
    if not callable(found):
        raise RoomtoneError(f"the entry point of engine {name!r} is no callable: {found!r}")
    build: Callable[..., Any] = found
    return build


def _baseline(name: str) -> Callable[..., SentimentEngine]:
    def load(model_path: str | Path | None = None) -> SentimentEngine:
        path = find_saved(name) if model_path is None else Path(model_path)
        if path is None:
            raise not_found(name, f"roomtone fit-baseline {name} --train_csv train.csv")
        folder = SavedFolder(path)
        folder.check_kind(name, "tfidf")
        details = folder.manifest.settings.get("details")
        made = details.get("baseline") if isinstance(details, dict) else None
        if isinstance(made, str) and made != name:
            raise folder.mistaken(name, f"is the baseline {made!r}")
        return load_folder(folder)

    return load


def _check_options(name: str, build: Callable[..., Any], given: Iterable[str]) -> None:
    parameters = inspect.signature(build).parameters
    if any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
        return
    for option in given:
        if option not in parameters:
            raise RoomtoneError(
                f"engine {name!r} has no option {option!r} "
                f"(options: {', '.join(parameters) or 'none'}){nearest(option, parameters)}"
            )
