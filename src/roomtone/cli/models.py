"""The model that a verb names: a saved engine, a run, or an engine by its name."""

from __future__ import annotations

import hashlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roomtone.errors import RoomtoneError

if TYPE_CHECKING:
    from roomtone.engines import SentimentEngine

# Kinds of saved engines that let one choose, and by which name they are built with options.
_CHOOSING = {"hybrid": ("hybrid_dl", ("device", "threads")), "onnx": ("onnx", ("threads",))}
_RUN_FILES = ("final_model.pt", "vocab.json", "vocab.pkl")


@dataclass(frozen=True)
class OpenedModel:
    """An engine, and what tells it from others.

    Attributes
    ----------
    engine : SentimentEngine
        What scores.
    facts : dict
        Its name, its class, the digest of its files where it has any, and how it computes.
    """

    engine: SentimentEngine
    facts: dict[str, Any]


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
    from roomtone.engines import get_sentiment_engine, load_engine
    from roomtone.engines.manifest import MANIFEST, parse_manifest
    from roomtone.engines.places import find_saved

    if threads is not None:
        os.environ["OMP_NUM_THREADS"] = str(threads)  # for libraries that are not loaded yet
    path = Path(name) if os.path.exists(name) else find_saved(name)
    kind, digest = None, None
    if path is not None:
        kind, digest = "hybrid", _digest_of(path)
        manifest = path / MANIFEST
        if manifest.is_file():
            found = parse_manifest(manifest.read_bytes(), str(manifest))
            kind, digest = found.kind, found.digest
    given = {"device": device, "threads": threads}
    options = {key: value for key, value in given.items() if value is not None}
    if kind in _CHOOSING:
        builder, choices = _CHOOSING[kind]
        chosen = {key: options[key] for key in choices if key in options}
        engine = get_sentiment_engine(builder, model_path=path, **chosen)
    else:
        choices = ()
        engine = get_sentiment_engine(name) if path is None else load_engine(path)
    if "device" not in choices and device not in (None, "auto", "cpu"):
        raise RoomtoneError(
            f"--device {device}: engine {engine.name!r} computes on the processor alone; "
            "leave it out"
        )
    if threads is not None and "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(threads)
    made_by = f"{type(engine).__module__}.{type(engine).__qualname__}"
    return OpenedModel(engine, {"name": engine.name, "class": made_by, "digest": digest, **given})


def _digest_of(path: Path) -> str:
    """Hash the files of a run that decide what its network says."""
    folder = path if path.is_dir() else path.parent
    names = [name for name in (path.name, *_RUN_FILES) if (folder / name).is_file()]
    digest = hashlib.sha256()
    for name in dict.fromkeys(names):
        with (folder / name).open("rb") as file:
            digest.update(name.encode() + hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()
