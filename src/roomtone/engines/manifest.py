"""``engine.json``, which says what a saved engine is and what each of its files must be."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, ValidationError

from roomtone.errors import CheckpointError

FORMAT = 1
MANIFEST = "engine.json"

_HASH = r"^[0-9a-f]{64}$"
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class FileEntry(_Part):
    """What a file must be."""

    sha256: str = Field(pattern=_HASH)
    bytes: NonNegativeInt


class Manifest(_Part):
    """What ``engine.json`` holds. There are no times in it, so that equal engines are equal bytes.

    Attributes
    ----------
    format : int
        Version of this layout.
    kind : str
        Which class loads it.
    name : str
        What results call it.
    roomtone : str
        Version of the program that wrote it.
    class_names : list of str
        The classes, in the order of their codes.
    tokenizer : str or None
        Version of the tokeniser of comments, where the engine uses it.
    prior : list of float
        Share of each class in the training rows.
    calibration : dict
        What turns scores into probabilities.
    validation_rows : int
        Rows whose scores lie in ``validation.safetensors``; 0 where there is no such file.
    record : dict
        Data with hashes, metrics with intervals.
    settings : dict
        What the kind alone needs.
    files : dict of str to FileEntry
        Its files, by their plain names.
    parts : dict of str to str
        Sub-folders with engines of their own, and the digest of each one's manifest.
    digest : str
        Hash of all the above.
    """

    format: int
    kind: str
    name: str
    roomtone: str
    class_names: list[str] = Field(min_length=2, max_length=1000)
    tokenizer: str | None
    prior: list[Share]
    calibration: dict[str, Any]
    validation_rows: NonNegativeInt
    record: dict[str, Any]
    settings: dict[str, Any]
    files: dict[str, FileEntry]
    parts: dict[str, Annotated[str, Field(pattern=_HASH)]]
    digest: str = Field(pattern=_HASH)


def seal(content: dict[str, Any]) -> dict[str, Any]:
    """Add the digest of all other entries."""
    rest = {key: value for key, value in content.items() if key != "digest"}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return {**rest, "digest": hashlib.sha256(text.encode("ascii")).hexdigest()}


def parse_manifest(data: bytes, where: str) -> Manifest:
    """Read ``engine.json``.

    Raises
    ------
    CheckpointError
        If it is damaged, altered, of a newer format, or names a file that is not a plain name.
    """
    content = parse_json(data, where)
    version = content.get("format") if isinstance(content, dict) else None
    if isinstance(version, int) and version > FORMAT:
        raise CheckpointError(
            f"{where} has format {version}, and this roomtone reads formats up to {FORMAT}: "
            "install a newer roomtone"
        )
    try:
        manifest = Manifest.model_validate(content)
        digest = seal(content)["digest"]
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        raise CheckpointError(
            f"{where} is not that of a saved engine, or damaged: {place}: {first['msg']}"
        ) from None
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{where} is damaged: {error}") from None
    if digest != manifest.digest:
        raise CheckpointError(f"{where} was altered after it was saved: its digest does not fit")
    if manifest.format != FORMAT:
        raise CheckpointError(f"{where} has the unknown format {manifest.format}")
    for name in (*manifest.files, *manifest.parts):
        if not is_plain(name):
            raise CheckpointError(f"{where} names {name!r}, which is not the plain name of a file")
    return manifest


def parse_json(data: bytes, where: str) -> Any:
    """Read JSON strictly: no NaN, no depth that exhausts the reader.

    Raises
    ------
    CheckpointError
        If it is none.
    """
    try:
        return json.loads(data, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{where} is not readable JSON: {error}") from None


def is_plain(name: str) -> bool:
    """Tell whether a name is that of a file in the folder itself, under every system."""
    return bool(_NAME.fullmatch(name)) and ".." not in name and not name.endswith(".")


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is no number")
