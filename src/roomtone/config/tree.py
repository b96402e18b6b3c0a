"""Dotted paths into the schema and into plain trees of settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
    """Set a dotted path, making the sections on the way; a non-section in the way is replaced."""
    *parents, last = path.split(".")
    for part in parents:
        child = tree.get(part)
        if not isinstance(child, dict):
            child = tree[part] = {}
        tree = child
    tree[last] = value


def drop(tree: dict[str, Any], path: str) -> None:
    """Remove what a dotted path leads to, and ignore what lies deeper than the tree."""
    *parents, last = path.split(".")
    node: Any = tree
    for part in parents:
        if not isinstance(node, dict) or not isinstance(node.get(part), dict):
            last = part
            break
        node = node[part]
    if isinstance(node, dict):
        node.pop(last, None)
