"""The vocabulary on disk: ``vocab.json``, which is read, and ``vocab.pkl``, a plain dictionary."""

from __future__ import annotations

import io
import json
import pickle
import pickletools
from pathlib import Path
from typing import Any, Literal, NoReturn

from pydantic import BaseModel, ConfigDict, NonNegativeInt, ValidationError, model_validator

from roomtone.errors import CheckpointError
from roomtone.files import write_bytes
from roomtone.text.tokenizer import TOKENIZER_VERSION

_PROTOCOL = 4  # fixed, so that the same vocabulary is the same bytes under every Python
_REMEDY = "build the vocabulary again, or take it from the folder of the run that trained the model"


class VocabularyFile(BaseModel):
    """What both files hold."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    format: Literal[1] = 1
    tokenizer: str = TOKENIZER_VERSION
    max_size: NonNegativeInt
    min_freq: NonNegativeInt
    tokens: list[str]
    counts: list[NonNegativeInt]
    extra: NonNegativeInt = 0

    @model_validator(mode="after")
    def _check_tokens(self) -> VocabularyFile:
        if len(self.counts) != len(self.tokens):
            raise ValueError(f"{len(self.tokens)} tokens but {len(self.counts)} counts")
        if len(set(self.tokens)) != len(self.tokens):
            raise ValueError("a token occurs twice")
        if self.extra and any(self.counts[-self.extra :]):
            raise ValueError("an extra token has a count, but extra tokens never occurred")
        return self


def to_json(content: VocabularyFile) -> str:
    """Return what ``vocab.json`` holds."""
    return json.dumps(content.model_dump(), ensure_ascii=False, indent=0)


def write(content: VocabularyFile, path: Path) -> None:
    """Write ``vocab.json`` and ``vocab.pkl`` side by side, whichever of them `path` names."""
    text = to_json(content)
    # Pickle abbreviates objects that occur twice; what was just read back shares none, so equal
    # vocabularies give equal bytes however they were built.
    pickled = pickle.dumps(json.loads(text), protocol=_PROTOCOL)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(path.with_suffix(".json"), text.encode("utf-8"))
    write_bytes(path.with_suffix(".pkl"), pickled)


def read(path: Path) -> VocabularyFile:
    """Read a vocabulary; beside a ``.pkl``, the ``.json`` is preferred.

    Raises
    ------
    CheckpointError
        If the file is missing, damaged, unsafe, not a vocabulary, or of another tokeniser.
    """
    beside = path.with_suffix(".json")
    if path.suffix == ".pkl" and beside.is_file():
        path = beside
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CheckpointError(f"{path}: cannot read the vocabulary: {error.strerror}") from None
    return parse(path, data)


def parse(path: Path, data: bytes) -> VocabularyFile:
    """Read a vocabulary from the bytes of the file that `path` names, as `read` does."""
    content = _parse(path, data)
    if content.tokenizer != TOKENIZER_VERSION:
        raise CheckpointError(
            f"{path}: the vocabulary was built by tokeniser version {content.tokenizer!r}, but "
            f"this is version {TOKENIZER_VERSION!r}, which splits texts differently; "
            "use the roomtone that trained the model, or train again"
        )
    return content


def _parse(path: Path, data: bytes) -> VocabularyFile:
    try:
        if path.suffix == ".pkl":
            return VocabularyFile.model_validate(_unpickle(path, data))
        return VocabularyFile.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise CheckpointError(
            f"{path}: not a vocabulary of roomtone, or damaged: {where}: {first['msg']}; {_REMEDY}"
        ) from None


class _PlainUnpickler(pickle.Unpickler):
    """Read numbers, strings, lists and dictionaries; a pickle that names code is refused."""

    def find_class(self, module: str, name: str) -> NoReturn:
        raise CheckpointError(
            f"refused to load {module}.{name} named in the file: "
            f"a vocabulary holds plain data and no code; {_REMEDY}"
        )


def _check_sizes(data: bytes) -> None:
    """Refuse what claims to be longer than the file: the unpickler would find memory for it first.

    `pickletools` compares each length with the bytes that are there. A place in the memo is no
    length, but room is made for all places below it.
    """
    for opcode, argument, _ in pickletools.genops(data):
        if "PUT" in opcode.name and int(argument or 0) > len(data):
            raise ValueError(f"{opcode.name} names the place {argument}")


def _unpickle(path: Path, data: bytes) -> Any:
    try:
        _check_sizes(data)
        return _PlainUnpickler(io.BytesIO(data)).load()
    except CheckpointError as error:
        raise CheckpointError(f"{path}: {error}") from None
    # Damaged bytes make the unpickler fail in any way at all, IndexError and MemoryError included.
    except Exception as error:
        raise CheckpointError(
            f"{path}: not a readable pickle ({type(error).__name__}: {error}); {_REMEDY}"
        ) from None
