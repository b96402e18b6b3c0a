"""Frozen dataclasses as JSON, and back with every value checked."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

from pydantic import TypeAdapter, ValidationError

from roomtone.errors import DataError


class Record:
    """A frozen dataclass that JSON can hold."""

    def to_dict(self) -> dict[str, Any]:
        """Return the record as values that JSON can hold."""
        return json.loads(json.dumps(asdict(self)))  # type: ignore[call-overload, no-any-return]

    @classmethod
    def from_dict(cls, values: Any, source: str = "") -> Self:
        """Rebuild a record from :meth:`to_dict`, each value checked.

        Parameters
        ----------
        values : mapping
            As from JSON.
        source : str
            Where they come from, for the error message.

        Raises
        ------
        DataError
            If they are not the values of such a record.
        """
        try:
            record: Self = TypeAdapter(cls).validate_python(values)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"])) or "the whole"
            raise DataError(
                f"{source or 'record'}: not a {cls.__name__}: {place}: {first['msg']}"
            ) from None
        return record

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a record from its JSON file.

        Raises
        ------
        DataError
            If there is no such file, or it holds something else.
        """
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise DataError(f"{path}: cannot be read: {error.strerror or error}") from None
        except ValueError as error:
            raise DataError(f"{path}: no JSON: {error}") from None
        return cls.from_dict(values, str(path))

    def differences(self, other: Self) -> list[str]:
        """Name what another record has otherwise, a line for each value: ``key: ours, theirs``."""
        ours, theirs = (dict(_leaves(record.to_dict())) for record in (self, other))
        keys = [*ours, *(key for key in theirs if key not in ours)]
        return [
            f"{key}: {_shown(ours, key)}, now {_shown(theirs, key)}"
            for key in keys
            if ours.get(key, _ABSENT) != theirs.get(key, _ABSENT)
        ]


_ABSENT = object()


def _leaves(value: Any, at: str = "") -> list[tuple[str, Any]]:
    if not isinstance(value, dict | list) or not value:
        return [(at, value)]
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    return [
        leaf for key, inner in inside for leaf in _leaves(inner, f"{at}.{key}" if at else str(key))
    ]


def _shown(leaves: dict[str, Any], key: str) -> str:
    return repr(leaves[key]) if key in leaves else "absent"
