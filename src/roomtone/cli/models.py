"""The model that a verb names: a saved engine, a run, or an engine by its name."""

from __future__ import annotations

import hashlib
import json
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
    builder, digest = name, None
    if path is not None:
        manifest = path / MANIFEST
        builder = "hybrid_dl"
        if manifest.is_file():
            found = parse_manifest(manifest.read_bytes(), str(manifest))
            builder, digest = _NAMES.get(found.kind, ""), found.digest
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
    if threads is not None and "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(threads)
    made_by = f"{type(engine).__module__}.{type(engine).__qualname__}"
    facts = {"name": engine.name, "class": made_by, "digest": digest or _digest_of(engine)}
    return OpenedModel(engine, {**facts, **given})


def _digest_of(engine: SentimentEngine) -> str | None:
    """Hash what an engine that is not saved would be saved as; None where it cannot be."""
    try:
        files = engine.files()
    except RoomtoneError:
        return None
    rest = {"prior": engine.prior.tolist(), "calibration": engine.calibration.to_dict()}
    digest = hashlib.sha256(json.dumps([rest, engine.settings()], sort_keys=True).encode())
    for name in sorted(files):
        digest.update(name.encode() + hashlib.sha256(files[name]).digest())
    for name, part in sorted(engine.parts().items()):
        digest.update(f"{name} {_digest_of(part)}".encode())
    return digest.hexdigest()
