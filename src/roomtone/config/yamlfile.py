"""Reading YAML as its authors mean it: `1e-4` is a number, and a key stands only once."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from roomtone.errors import ConfigError


class _Loader(yaml.SafeLoader):
    """Safe YAML with the number syntax of YAML 1.2 and no duplicate keys."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key_node, _ in node.value:
            key = str(key_node.value)
            if key in seen:
                line = key_node.start_mark.line + 1
                raise yaml.constructor.ConstructorError(
                    problem=f"the key {key!r} stands a second time in line {line}"
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+$"),
    list("-+0123456789."),
)


def parse_yaml(text: str, *, source: str) -> Any:
    """Parse YAML text.

    Raises
    ------
    ConfigError
        If the text is not YAML, or a key stands twice; names the line.
    """
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a subclass of SafeLoader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        problem = getattr(error, "problem", None) or str(error)
        raise ConfigError([f"{where}{problem}"], source=source) from None


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a configuration file into a plain tree.

    Raises
    ------
    ConfigError
        If the file is missing, not UTF-8, not YAML, or holds no keys at its top.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        near = ", ".join(sorted(p.name for p in path.parent.glob("*.y*ml"))[:5]) or "none"
        raise ConfigError(
            [f"{path}: no such file (YAML files in that folder: {near})"],
            source="command line",
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path}: cannot be read: {error}"], source="command line") from None
    tree = parse_yaml(text, source=str(path))
    if tree is None:
        return {}
    if not isinstance(tree, dict):
        raise ConfigError(
            [f"expected keys with values at the top, found {type(tree).__name__}"],
            source=str(path),
        )
    return tree


def dump_yaml(tree: dict[str, Any]) -> str:
    """Write a tree as YAML, keys in their own order."""
    return yaml.safe_dump(tree, sort_keys=False, allow_unicode=True, default_flow_style=None)
