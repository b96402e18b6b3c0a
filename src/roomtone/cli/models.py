"""The model that a verb names: a saved engine, a run, or an engine by its name."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roomtone.errors import RoomtoneError

if TYPE_CHECKING:
    from roomtone.engines import SentimentEngine

# What an engine lets one choose, and the name by which one that is saved is built with it.
_CHOICES = {"hybrid_dl": ("device", "threads"), "onnx": ("threads",)}
_NAMES = {"hybrid": "hybrid_dl", "onnx": "onnx"}


@dataclass(frozen=True)
class OpenedModel:
    """An engine, and what tells it from others.

    Attributes
    ----------
    engine : SentimentEngine
        What scores.
    folder : Path or None
        Where it was found; None for one that came by its name and lies in no folder of that name.
    digest : str or None
        That of its manifest, where it has one.
    given : dict
        How it computes.
    """

    engine: SentimentEngine
    folder: Path | None
    digest: str | None
    given: dict[str, Any]

    @property
    def facts(self) -> dict[str, Any]:
        """Its name, its class, the digest of its files where it has any, and how it computes."""
        from roomtone.engines.identity import identity

        return {**identity(self.engine, self.digest), **self.given}


def open_model(name: str, *, device: str | None = None, threads: int | None = None) -> OpenedModel:
    """Open the model that a verb names.

    Parameters
    ----------
    name : str
        The folder of a saved engine, a run or its ``final_model.pt``, or the name of an engine.
    device : str, optional
        Where it computes, if it lets one choose.
    threads : int, optional
        How many threads the arithmetic has.

    Raises
    ------
    RoomtoneError
        If there is no such model, it cannot be loaded, or it has no choice of device.
    """
    from roomtone.engines import SavedFolder, get_sentiment_engine, load_engine
    from roomtone.engines.manifest import MANIFEST
    from roomtone.engines.places import find_saved

    if threads is not None:
        os.environ["OMP_NUM_THREADS"] = str(threads)  # for libraries that are not loaded yet
    path = Path(name) if os.path.exists(name) else find_saved(name)
    builder, digest = name, None
    if path is not None:
        builder = "hybrid_dl"
        if (path / MANIFEST).is_file():
            found = SavedFolder(path).manifest
            builder, digest = _NAMES.get(found.kind, ""), found.digest
    elif Path(name).name != name:
        raise RoomtoneError(f"{name}: no such folder, and no engine is called so")
    given = {"device": device, "threads": threads}
    choices = _CHOICES.get(builder, ())
    chosen: dict[str, Any] = {key: given[key] for key in choices if given[key] is not None}
    if path is None:
        engine = get_sentiment_engine(builder, **chosen)
    elif builder:
        engine = get_sentiment_engine(builder, model_path=path, **chosen)
    else:
        engine = load_engine(path)
    if "device" not in choices and device not in (None, "auto", "cpu"):
        raise RoomtoneError(
            f"--device {device}: engine {engine.name!r} computes on the processor alone; "
            "leave it out"
        )
    if threads is not None:
        engine.use_threads(threads)
        if "torch" in sys.modules:
            sys.modules["torch"].set_num_threads(threads)
    folder = path if path is None or path.is_dir() else path.parent
    return OpenedModel(engine, folder, digest, given)
