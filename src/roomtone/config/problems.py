"""Turning validation errors into lines that name the key, what was found and what is allowed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from roomtone.config.tree import siblings
from roomtone.errors import nearest

_EXPECTED = {
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "string_type": "a text (in quotes)",
    "tuple_type": "a list",
    "dict_type": "keys with values",
    "model_type": "a section with keys",
    "path_type": "a path",
    "finite_number": "a finite number",
    "greater_than": "more than {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than": "less than {lt}",
    "less_than_equal": "at most {le}",
    "literal_error": "one of {expected}",
    "string_pattern_mismatch": "one of auto, cpu, mps, cuda, cuda:N",
    "too_short": "at least {min_length} value(s)",
    "too_long": "at most {max_length} value(s)",
    "missing": "{arity} values",
}


def describe(error: ValidationError, origins: Mapping[str, str]) -> dict[str, str]:
    """Describe each mistake once, by the path of its key.

    Parameters
    ----------
    error : ValidationError
        What pydantic found.
    origins : mapping of str to str
        How the user typed the paths that the command line set.

    Returns
    -------
    dict of str to str
        Dotted path of the key to one line about it.
    """
    alternatives: dict[str, list[ErrorDetails]] = {}
    for detail in error.errors(include_url=False):
        alternatives.setdefault(_path(detail["loc"]), []).append(detail)
    return {path: _line(path, found, origins) for path, found in alternatives.items()}


def _path(loc: tuple[int | str, ...]) -> str:
    """Join the parts of a location that are keys; an index into a list belongs to the list."""
    parts = []
    for part in loc:
        if not isinstance(part, str) or not part.isidentifier() or part in ("tuple", "int", "str"):
            break
        parts.append(part)
    return ".".join(parts)


def _line(path: str, details: list[ErrorDetails], origins: Mapping[str, str]) -> str:
    first = details[0]
    if first["type"] == "extra_forbidden":
        parent, _, key = path.rpartition(".")
        where = f"the section `{parent}`" if parent else "the configuration"
        return f"{path}: {where} has no key {key!r}{nearest(key, siblings(path))}"
    typed = f" (from {origins[path]})" if path in origins else ""
    wanted = dict.fromkeys(_expected(detail) for detail in details)
    return f"{path}{typed}: found {first['input']!r}, expected {' or '.join(wanted)}"


def _expected(detail: ErrorDetails) -> str:
    context: dict[str, Any] = detail.get("ctx", {})
    if detail["type"] == "value_error":
        return str(context["error"])
    template = _EXPECTED.get(detail["type"])
    if template is None:
        return detail["msg"]
    text = template.format(**{"arity": "two", **context})
    if detail["type"] == "literal_error":
        text += nearest(str(detail["input"]), re.findall("'([^']+)'", context["expected"]))
    return text
