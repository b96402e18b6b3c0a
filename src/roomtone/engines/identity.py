"""What tells an engine from others, so that two of them never write parts of one file."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from roomtone.engines.base import SentimentEngine
from roomtone.errors import RoomtoneError


def identity(engine: SentimentEngine, digest: str | None = None) -> dict[str, Any]:
    """Return an engine's name, its class, and a digest of all that decides its answers.

    Parameters
    ----------
    engine : SentimentEngine
        The engine.
    digest : str, optional
        That of the manifest, where it comes from a folder; else it is hashed as it would be saved.

    Returns
    -------
    dict
        ``digest`` is None for an engine that cannot be saved.
    """
    made_by = f"{type(engine).__module__}.{type(engine).__qualname__}"
    return {"name": engine.name, "class": made_by, "digest": digest or _digest_of(engine)}


def _digest_of(engine: SentimentEngine) -> str | None:
    try:
        files = engine.files()
        parts = {name: _digest_of(part) for name, part in engine.parts().items()}
    except RoomtoneError:
        return None
    if None in parts.values():
        return None
    scores = engine.validation
    rest = {
        "kind": engine.kind,
        "class_names": engine.class_names,
        "tokenizer": engine.tokenizer,
        "prior": engine.prior.tolist(),
        "calibration": engine.calibration.to_dict(),
        "confidence": None if scores is None else scores.confidence.tolist(),
        "nonconformity": None if scores is None else scores.nonconformity.tolist(),
        "settings": engine.settings(),
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
        "parts": parts,
    }
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()
