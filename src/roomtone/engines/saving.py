"""Saving an engine as a folder, and loading one, whatever its kind."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from contextlib import suppress
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from safetensors.numpy import save as tensor_bytes

from roomtone.engines.base import SentimentEngine
from roomtone.engines.folder import VALIDATION, SavedFolder
from roomtone.engines.manifest import FORMAT, MANIFEST, seal
from roomtone.engines.plugins import plugin
from roomtone.errors import CheckpointError, RoomtoneError
from roomtone.files import write_bytes

CARD = "MODEL_CARD.md"
# The class of each kind that comes with the library, imported when a folder of the kind is loaded.
KINDS: dict[str, str] = {
    "tfidf": "roomtone.engines.tfidf:TfidfEngine",
    "hybrid": "roomtone.engines.hybrid:HybridDLSentimentEngine",
    "ensemble": "roomtone.engines.ensemble:EnsembleEngine",
    "stacking": "roomtone.engines.stacking:StackingEngine",
    "onnx": "roomtone.engines.onnx:OnnxEngine",
}


def load_engine(path: str | Path) -> SentimentEngine:
    """Load a saved engine.

    Parameters
    ----------
    path : str or Path
        Its folder.

    Raises
    ------
    CheckpointError
        If something in the folder is missing, altered, unsafe, or of a newer format.
    """
    return load_folder(SavedFolder(Path(path)))


def load_folder(folder: SavedFolder) -> SentimentEngine:
    """Load the engine of a folder whose manifest has been read."""
    kind = folder.manifest.kind
    if kind in KINDS:
        module, _, name = KINDS[kind].partition(":")
        loader = getattr(import_module(module), name)
    else:
        loader = plugin(kind)
    if not (isinstance(loader, type) and issubclass(loader, SentimentEngine)):
        raise folder.error(
            f"unknown kind of engine {kind!r} (known: {', '.join(KINDS)}); install the package "
            "that it comes from, or a newer roomtone"
        )
    engine = loader.from_folder(folder)
    folder.check_the_rest()
    return engine


def save_engine(engine: SentimentEngine, path: str | Path) -> Path:
    """Save an engine as a folder, which appears whole or not at all.

    Parameters
    ----------
    engine : SentimentEngine
        What to save.
    path : str or Path
        The folder. One that holds a saved engine and nothing else is replaced.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    RoomtoneError
        If the folder holds something else, the engine cannot be saved, or the disk refuses.
    """
    target = Path(path)
    check_target(target)
    if target.name in ("", ".."):
        target = target.resolve()  # the folder is replaced by its name
    part = target.with_name(f".{target.name}.part")
    old = target.with_name(f".{target.name}.old")
    try:
        for leftover in (part, old):
            shutil.rmtree(leftover, ignore_errors=True)
        _write(engine, part)
        if target.exists():
            target.rename(old)
        part.rename(target)
    except OSError as error:
        raise RoomtoneError(f"{target}: cannot be written: {error.strerror or error}") from error
    finally:
        if old.exists() and not target.exists():
            old.rename(target)
        for leftover in (part, old):
            shutil.rmtree(leftover, ignore_errors=True)
    return target


def check_target(path: Path) -> None:
    """Make sure that a folder may be written: new, empty, or a saved engine; not the current one.

    Raises
    ------
    RoomtoneError
        If it is something else.
    """
    if not path.exists() and not path.is_symlink():
        return
    if path.is_symlink() or not path.is_dir():
        raise RoomtoneError(f"{path}: expected a folder to write to; choose another name")
    found = set(os.listdir(path))
    ours: set[str] = set()
    if found:
        with suppress(CheckpointError):
            manifest = SavedFolder(path).manifest
            ours = {MANIFEST, CARD, *manifest.files, *manifest.parts}
    if strange := sorted(found - ours):
        raise RoomtoneError(
            f"{path} holds {', '.join(strange[:3])}{', …' if strange[3:] else ''}, which no saved "
            "engine has; choose another folder, or remove this one if nothing in it is needed"
        )
    if path.samefile("."):
        raise RoomtoneError(f"{path}: the current folder cannot be replaced; choose another folder")


def _write(engine: SentimentEngine, folder: Path) -> str:
    """Write the files of an engine; return the digest of its manifest."""
    from roomtone.engines.card import model_card

    files = dict(engine.files())
    if engine.validation is not None:
        files[VALIDATION] = tensor_bytes(
            {
                "confidence": engine.validation.confidence,
                "nonconformity": engine.validation.nonconformity,
            }
        )
    for name, content in files.items():
        write_bytes(folder / name, content)
    manifest = seal(
        {
            "format": FORMAT,
            "kind": engine.kind,
            "name": engine.name,
            "roomtone": _version(),
            "class_names": list(engine.class_names),
            "tokenizer": engine.tokenizer,
            "prior": engine.prior.tolist(),
            "calibration": engine.calibration.to_dict(),
            "validation_rows": 0
            if engine.validation is None
            else len(engine.validation.confidence),
            "record": engine.record,
            "settings": engine.settings(),
            "files": {
                name: {"sha256": hashlib.sha256(files[name]).hexdigest(), "bytes": len(files[name])}
                for name in sorted(files)
            },
            "parts": {name: _write(part, folder / name) for name, part in engine.parts().items()},
        }
    )
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    write_bytes(folder / CARD, model_card(engine).encode("utf-8", "replace"))
    write_bytes(folder / MANIFEST, text.encode("utf-8", "surrogatepass"))
    return str(manifest["digest"])


def _version() -> str:
    try:
        return version("roomtone")
    except PackageNotFoundError:
        return "unknown"
