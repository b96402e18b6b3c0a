"""Reading the folder of a saved engine: everything is checked before anything is used."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from roomtone.engines.manifest import MANIFEST, Manifest, parse_json, parse_manifest
from roomtone.engines.validation import ValidationScores
from roomtone.errors import CheckpointError, DataError
from roomtone.stats.scaling import Calibration

if TYPE_CHECKING:
    from roomtone.engines.base import SentimentEngine

VALIDATION = "validation.safetensors"
MAX_MANIFEST_BYTES = 16 * 2**20
MAX_FILE_BYTES = 4 * 2**30
MAX_DEPTH = 4


@dataclass(frozen=True)
class TensorSpec:
    """What a tensor in a file must be.

    Attributes
    ----------
    dtype : str
        As NumPy calls it: ``"float32"``.
    shape : tuple of int or None
        None where any length will do.
    """

    dtype: str
    shape: tuple[int | None, ...]

    def fits(self, tensor: NDArray[Any]) -> bool:
        """Tell whether a tensor is such a one."""
        return (
            tensor.dtype == self.dtype
            and tensor.ndim == len(self.shape)
            and all(n in (None, m) for n, m in zip(self.shape, tensor.shape, strict=True))
        )


class SavedFolder:
    """A saved engine's folder, whose manifest has been checked; its files are when they are read.

    Parameters
    ----------
    path : Path
        The folder.
    depth : int
        How many engines this one is a part of.

    Raises
    ------
    CheckpointError
        If there is no manifest, or it cannot be used.
    """

    def __init__(self, path: Path, *, depth: int = 0) -> None:
        self.path = path
        self.depth = depth
        if not path.is_dir():
            raise CheckpointError(f"{path}: no such folder")
        if depth > MAX_DEPTH:
            raise CheckpointError(f"{path}: engines within engines, more than {MAX_DEPTH} deep")
        data = _read(path / MANIFEST, MAX_MANIFEST_BYTES)
        self.manifest: Manifest = parse_manifest(data, str(path / MANIFEST))
        self._checked: set[str] = set()

    def common(self) -> dict[str, Any]:
        """Return the arguments that all engines share, as `SentimentEngine` takes them.

        Raises
        ------
        CheckpointError
            If the prior, the calibration or the validation scores cannot be used.
        """
        manifest = self.manifest
        try:
            calibration = Calibration.from_dict(manifest.calibration)
        except DataError as error:
            raise self.error(f"calibration: {error}") from None
        count = len(manifest.class_names)
        if len(calibration.scale) != count or len(manifest.prior) != count:
            raise self.error(f"its calibration and prior are not those of {count} classes")
        if len(set(manifest.class_names)) != count or abs(sum(manifest.prior) - 1) > 1e-6:
            raise self.error("a class is named twice, or the prior does not sum to 1")
        return {
            "name": manifest.name,
            "class_names": tuple(manifest.class_names),
            "prior": manifest.prior,
            "calibration": calibration,
            "validation": self._validation(),
            "record": manifest.record,
        }

    def check_kind(self, name: str, kind: str) -> None:
        """Make sure that the engine is of the kind that a name stands for.

        Raises
        ------
        CheckpointError
            If it is of another.
        """
        if self.manifest.kind != kind:
            raise self.mistaken(name, f"is of kind {self.manifest.kind!r}, not {kind!r}")

    def mistaken(self, name: str, reason: str) -> CheckpointError:
        """Make the error that says why an engine is not the one that a name asks for."""
        return CheckpointError(
            f"{self.path}: asked for {name!r}, but the engine saved here, {self.manifest.name!r}, "
            f"{reason}; use load_engine({str(self.path)!r}), which takes any kind"
        )

    def read(self, name: str) -> bytes:
        """Read a file, which must be the one that was saved.

        Raises
        ------
        CheckpointError
            If it is missing, altered, too large, or lies elsewhere.
        """
        entry = self.manifest.files.get(name)
        if entry is None:
            raise self.error(f"it lists no file {name}")
        data = _read(self.path / name, min(entry.bytes, MAX_FILE_BYTES))
        if len(data) != entry.bytes or hashlib.sha256(data).hexdigest() != entry.sha256:
            raise CheckpointError(
                f"{self.path / name} is damaged or was altered after it was saved"
            )
        self._checked.add(name)
        return data

    def check_the_rest(self) -> None:
        """Check the files that the engine's kind had no need to read.

        Raises
        ------
        CheckpointError
            As `read`.
        """
        for name in self.manifest.files.keys() - self._checked:
            self.read(name)

    def json(self, name: str) -> Any:
        """Read a file of JSON."""
        return parse_json(self.read(name), str(self.path / name))

    def tensors(self, name: str, expected: Mapping[str, TensorSpec]) -> dict[str, NDArray[Any]]:
        """Read a file of tensors, which must be these and no others, and finite.

        Raises
        ------
        CheckpointError
            If a tensor is missing, too many, of another shape or type, or not finite.
        """
        return read_tensors(self.read(name), str(self.path / name), expected)

    def engine(self, name: str) -> SentimentEngine:
        """Load an engine that is a part of this one.

        Raises
        ------
        CheckpointError
            If it is missing, damaged, or another one than was saved.
        """
        from roomtone.engines.saving import load_folder

        digest = self.manifest.parts.get(name)
        if digest is None:
            raise self.error(f"it lists no part {name}")
        if (self.path / name).is_symlink():
            raise CheckpointError(f"{self.path / name} is a link, which a saved engine has not")
        part = SavedFolder(self.path / name, depth=self.depth + 1)
        if part.manifest.digest != digest:
            raise CheckpointError(f"{part.path} is another engine than the one that was saved here")
        return load_folder(part)

    def error(self, reason: str) -> CheckpointError:
        """Make an error that names the manifest."""
        return CheckpointError(f"{self.path / MANIFEST}: {reason}")

    def _validation(self) -> ValidationScores | None:
        rows = self.manifest.validation_rows
        if not rows:
            return None
        spec = TensorSpec("float64", (rows,))
        found = self.tensors(VALIDATION, {"confidence": spec, "nonconformity": spec})
        for values in found.values():
            if not (values[0] >= 0 and values[-1] <= 1 and (np.diff(values) >= 0).all()):
                raise CheckpointError(f"{self.path / VALIDATION} holds no ascending shares")
        return ValidationScores(found["confidence"], found["nonconformity"])


def read_tensors(
    data: bytes, where: str, expected: Mapping[str, TensorSpec]
) -> dict[str, NDArray[Any]]:
    """Parse the bytes of a safetensors file; see `SavedFolder.tensors`."""
    from safetensors.numpy import load

    try:
        tensors = load(data)
    # Damaged headers fail in many ways, KeyError for an unknown type among them.
    except Exception as error:
        raise CheckpointError(f"{where} is no readable file of tensors: {error}") from None
    if tensors.keys() != expected.keys():
        raise CheckpointError(
            f"{where} holds the tensors {sorted(tensors)}, expected {sorted(expected)}"
        )
    for name, spec in expected.items():
        if not spec.fits(tensors[name]):
            raise CheckpointError(
                f"{where}: {name} is {tensors[name].dtype} {list(tensors[name].shape)}, expected "
                f"{spec.dtype} {['any' if n is None else n for n in spec.shape]}"
            )
        if tensors[name].dtype.kind == "f" and not np.isfinite(tensors[name]).all():
            raise CheckpointError(f"{where}: {name} holds values that are not finite")
    return tensors


def _read(path: Path, limit: int) -> bytes:
    """Read a file of at most so many bytes, not through a link."""
    if path.is_symlink() or not path.is_file():
        found = "a link, which a saved engine has not" if path.is_symlink() else "missing"
        raise CheckpointError(f"{path} is {found}")
    try:
        with path.open("rb") as stream:
            data = stream.read(limit + 1)
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error.strerror}") from None
    if len(data) > limit:
        raise CheckpointError(f"{path} is larger than it should be ({limit:,} bytes)")
    return data
