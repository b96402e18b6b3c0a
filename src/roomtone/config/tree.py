"""Dotted paths into the schema and into plain trees of settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic.fields import FieldInfo

from roomtone.config.base import Section
from roomtone.config.schema import Config


def walk(section: type[Section] = Config, prefix: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Yield the dotted path and the field of every key, leaves only, in the schema's order."""
    for name, field in section.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Section):
            yield from walk(kind, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", field


LEAVES = dict(walk())
SECTIONS = frozenset(
    tuple(path.split(".")[:depth]) for path in LEAVES for depth in range(1, path.count(".") + 1)
)


def siblings(path: str) -> list[str]:
    """Name the keys that are valid in the section in which a path lies."""
    parent = path.rpartition(".")[0]
    depth = f"{parent}." if parent else ""
    return list(dict.fromkeys(k[len(depth) :].split(".")[0] for k in LEAVES if k.startswith(depth)))


def get(tree: Mapping[str, Any], path: str) -> Any:
    """Look a dotted path up; None where it is not set."""
    node: Any = tree
    for part in path.split("."):
        if not isinstance(node, Mapping) or part not in node:
            return None
        node = node[part]
    return node


def put(tree: dict[str, Any], path: str, value: Any) -> None:
    """Set a dotted path, making the sections on the way.

    A value that stands where a section belongs is left as it is, for the validation to report.
    """
    *parents, last = path.split(".")
    for part in parents:
        child = tree.get(part)
        if child is None:
            child = tree[part] = {}
        if not isinstance(child, dict):
            return
        tree = child
    tree[last] = value


def locate(loc: Sequence[int | str]) -> tuple[str, ...]:
    """Find the key that a location in the tree belongs to: a list's item belongs to the list."""
    depth = 1
    while depth < len(loc) and loc[:depth] in SECTIONS:
        depth += 1
    return tuple(str(part) for part in loc[:depth])


def drop(tree: dict[Any, Any], parts: Sequence[str]) -> None:
    """Remove a key, given as the names on the way to it, whatever the type of its last one."""
    *parents, last = parts
    for part in parents:
        tree = tree[part]
    for key in [key for key in tree if str(key) == last]:
        del tree[key]
