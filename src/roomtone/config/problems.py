"""Turning validation errors into lines that name the key, what was found and what is allowed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from reprlib import Repr
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from roomtone.config.tree import LEAVES, SECTIONS, get, locate, siblings
from roomtone.errors import nearest

_EXPECTED = {
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "string_type": "a text (in quotes)",
    "tuple_type": "a list",
    "dict_type": "keys with values",
    "path_type": "a path",
    "finite_number": "a finite number",
    "greater_than": "more than {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than": "less than {lt}",
    "less_than_equal": "at most {le}",
    "literal_error": "{expected}",
    "too_short": "at least {min_length} value(s)",
    "too_long": "at most {max_length} value(s)",
    "missing": "two values",
}
_SHORT = Repr()
_SHORT.maxstring = _SHORT.maxother = _SHORT.maxlong = 60


def describe(
    error: ValidationError, settings: Mapping[str, Any], origins: Mapping[str, str]
) -> dict[tuple[str, ...], str]:
    """Describe each mistake once, by its key.

    Parameters
    ----------
    error : ValidationError
        What pydantic found.
    settings : mapping
        What was validated.
    origins : mapping of str to str
        How the user typed the paths that the command line set.

    Returns
    -------
    dict of tuple of str to str
        The names on the way to the key, and one line about it.
    """
    found: dict[tuple[str, ...], list[ErrorDetails]] = {}
    for detail in error.errors(include_url=False):
        found.setdefault(locate(detail["loc"]), []).append(detail)
    return {
        parts: unknown_key(parts)
        if details[0]["type"] == "extra_forbidden"
        else _line(parts, details, settings, origins)
        for parts, details in found.items()
    }


def unknown_key(parts: tuple[str, ...]) -> str:
    """Say that a key does not exist, and which one may be meant."""
    *parents, key = parts
    where = f"the section `{'.'.join(parents)}`" if parents else "the configuration"
    return f"{'.'.join(parts)}: {where} has no key {key!r}{_likely(parts)}"


def _likely(parts: tuple[str, ...]) -> str:
    path, key = ".".join(parts), parts[-1]
    if key in LEAVES and "." in key:
        first, _, rest = key.partition(".")
        return f"; write `{first}:` and, indented below it, `{rest}:`"
    homes = [leaf.rpartition(".")[0] for leaf in LEAVES if leaf.rpartition(".")[2] == key]
    if homes:
        named = " or ".join(f"the section `{home}`" if home else "the top level" for home in homes)
        return f"; it belongs in {named}"
    return nearest(key, siblings(path))


def _line(
    parts: tuple[str, ...],
    details: list[ErrorDetails],
    settings: Mapping[str, Any],
    origins: Mapping[str, str],
) -> str:
    path = ".".join(parts)
    value = get(settings, path)
    typed = f" (from {origins[path]})" if path in origins else ""
    # Of a list or a union, the innermost mistake tells the most.
    depth = max(len(detail["loc"]) for detail in details)
    inner = [detail for detail in details if len(detail["loc"]) == depth]
    culprit = inner[0]["input"]
    same = [detail for detail in inner if detail["input"] is culprit]
    wanted = " or ".join(dict.fromkeys(_expected(detail, parts) for detail in same))
    part = "" if culprit is value or value == [culprit] else f" in place of {_show(culprit)}"
    hint = "".join(_hint(detail) for detail in same)
    return f"{path}{typed}: found {_show(value)}, expected {wanted}{part}{hint}"


def _show(value: Any) -> str:
    return _SHORT.repr(value)


def _expected(detail: ErrorDetails, parts: tuple[str, ...]) -> str:
    context: dict[str, Any] = detail.get("ctx", {})
    if detail["type"] == "value_error":
        return str(context["error"])
    if parts in SECTIONS:
        return f"a section with the keys {', '.join(siblings('.'.join([*parts, ''])))}"
    template = _EXPECTED.get(detail["type"])
    if template is None:
        return detail["msg"]
    whole = {
        k: int(v) if isinstance(v, float) and v.is_integer() else v for k, v in context.items()
    }
    return template.format(**whole)


def _hint(detail: ErrorDetails) -> str:
    if detail["type"] != "literal_error":
        return ""
    return nearest(str(detail["input"]), re.findall("'([^']+)'", detail["ctx"]["expected"]))
