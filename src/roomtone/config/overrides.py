"""Laying the command line over a configuration: only what was typed overrides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args, get_origin

from roomtone.config.flags import FLAGS
from roomtone.config.tree import LEAVES, SECTIONS, put, siblings
from roomtone.config.yamlfile import parse_yaml
from roomtone.errors import ConfigError, nearest

TWINS = (
    ("model.max_len", "data.max_len"),
    ("model.embedding_dim", "embeddings.dim"),
    ("model.vocab_size", "data.vocab_max_size"),
)
_BY_NAME = {flag.name: flag for flag in FLAGS}


def apply_overrides(
    tree: dict[str, Any], flags: Mapping[str, str], sets: Sequence[str]
) -> tuple[dict[str, str], list[str]]:
    """Write typed flags and `--set KEY=VALUE` into a tree.

    Parameters
    ----------
    tree : dict
        The configuration so far; changed in place.
    flags : mapping of str to str
        Flags that were typed, without dashes, and their values as typed.
    sets : sequence of str
        Arguments of `--set`.

    Returns
    -------
    origins : dict of str to str
        For each path that was overridden, how the user typed it: ``{"data.max_len": "--max_len"}``.
    problems : list of str
        A line for each override that names no key, lacks its value or cannot be read.
    """
    origins: dict[str, str] = {}
    problems: list[str] = []

    def override(paths: Sequence[str], raw: str, typed: str) -> None:
        try:
            value = _value(paths[0], raw)
        except ConfigError as error:
            problems.append(f"{typed}: {raw!r} cannot be read: {error.problems[0]}")
            return
        for path in paths:
            put(tree, path, value)
            origins[path] = typed

    for name, raw in flags.items():
        override(_BY_NAME[name].keys, raw, f"--{name}")
    for item in sets:
        path, equals, raw = item.partition("=")
        if not equals:
            problems.append(f"--set {item}: expected KEY=VALUE, such as training.batch_size=64")
        elif path not in LEAVES:
            problems.append(f"--set {path}: {_no_key(path)}")
        else:
            override(_with_twin(path), raw, f"--set {path}")
    return origins, problems


def _no_key(path: str) -> str:
    if tuple(path.split(".")) in SECTIONS:
        return f"a section; set one of its keys: {', '.join(siblings(f'{path}.'))}"
    return f"no such key{nearest(path, LEAVES)}"


def _with_twin(path: str) -> tuple[str, ...]:
    """Name every key that one setting governs: overriding one twin overrides the other."""
    return next((pair for pair in TWINS if path in pair), (path,))


def _kinds(annotation: Any) -> set[Any]:
    """Collect the plain types in a union or an annotated type."""
    own = get_origin(annotation) or annotation
    return {own}.union(*(_kinds(argument) for argument in get_args(annotation)))


def _value(path: str, raw: str) -> Any:
    """Read a value as typed: text and paths as they stand, the rest as YAML, lists by commas."""
    annotation = LEAVES[path].annotation
    kinds = _kinds(annotation)
    if raw.lower() in ("none", "null") and type(None) in kinds:
        return None
    if Path in kinds or (str in kinds and not kinds & {int, dict, tuple}):
        return raw
    if "," in raw and not raw.lstrip().startswith(("[", "{")):
        raw = f"[{raw}]"
    return parse_yaml(raw, source="command line")
