"""Reading YAML as its authors mean it: `1e-4` is a number, and a key stands only once."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from roomtone.errors import ConfigError


class _Loader(yaml.SafeLoader):
    """Safe YAML with the numbers and booleans of YAML 1.2, no dates and no duplicate keys."""

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        node = super().compose_mapping_node(anchor)
        seen: set[str] = set()
        for key_node, _ in node.value:
            key = str(key_node.value)
            if key in seen:
                raise yaml.composer.ComposerError(
                    problem=f"the key {key!r} stands a second time",
                    problem_mark=key_node.start_mark,
                )
            seen.add(key)
        return node


_REPLACED = ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in _REPLACED]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
# `yes` and `no` stay texts: they are labels in many a file.
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)


class _Dumper(yaml.SafeDumper):
    """Safe YAML that quotes whatever either version of YAML would not read as a text."""


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    # PyYAML writes line separators of Unicode as they stand, and reads them back as blanks.
    style = None if text.isprintable() else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)
for _kind in (_Loader, _Dumper):
    _kind.add_implicit_resolver(
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
        return yaml.load(text, Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        problem = getattr(error, "problem", None) or str(error)
        raise ConfigError([f"{where}{problem}"], source=source) from None
    except (ValueError, RecursionError) as error:  # such as a whole number of 5,000 digits
        raise ConfigError([f"cannot be read: {error}"], source=source) from None


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
    except UnicodeDecodeError:
        raise ConfigError(
            [f"{path}: not a UTF-8 text; save the file as UTF-8"], source="command line"
        ) from None
    except OSError as error:
        raise ConfigError(
            [f"{path}: cannot be read: {error.strerror or error}"], source="command line"
        ) from None
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
    return yaml.dump(
        tree, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=None
    )
