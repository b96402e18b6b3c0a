"""From a YAML file and the command line to a checked configuration, or to all its mistakes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from roomtone.config.checks import Problem, keys_that_disagree, missing_files, twins_that_differ
from roomtone.config.overrides import TWINS, apply_overrides
from roomtone.config.problems import describe
from roomtone.config.schema import Config
from roomtone.config.tree import drop, get, put
from roomtone.config.yamlfile import dump_yaml, read_yaml
from roomtone.errors import ConfigError
from roomtone.files import write_bytes


def load_config(
    path: Path | None = None,
    *,
    flags: Mapping[str, str] | None = None,
    sets: Sequence[str] = (),
    tree: Mapping[str, Any] | None = None,
    check_files: bool = True,
) -> Config:
    """Load a configuration: command line over YAML over defaults.

    Parameters
    ----------
    path : Path, optional
        YAML file.
    flags : mapping of str to str, optional
        Flags that were typed, without dashes, and their values as typed.
    sets : sequence of str
        ``"training.batch_size=64"`` and the like.
    tree : mapping, optional
        Settings in place of a file, as from `to_tree`.
    check_files : bool
        Whether the input files must be there.

    Raises
    ------
    ConfigError
        With every mistake found, each by its path as typed.
    """
    settings = deepcopy(dict(tree)) if tree is not None else read_yaml(path) if path else {}
    origins, unread = apply_overrides(settings, flags or {}, sets)
    problems = [Problem((), line) for line in unread]
    problems += twins_that_differ(settings)
    echoes = dict(_share(settings, *pair) for pair in TWINS)
    config, faults = _validate(settings, origins)
    problems += [
        Problem((key,), line) for key, line in faults.items() if echoes.get(key) not in faults
    ]
    problems += [p for p in keys_that_disagree(config) if not faults.keys() & set(p.paths)]
    if check_files:
        problems += [p for p in missing_files(config, origins) if not faults.keys() & set(p.paths)]
    if problems:
        raise ConfigError((p.text for p in problems), source=str(path) if path else "configuration")
    return config


def to_tree(config: Config) -> dict[str, Any]:
    """Turn a configuration into plain values that YAML and JSON can hold."""
    return config.model_dump(mode="json")


def save_config(config: Config, path: Path) -> None:
    """Write the resolved configuration as YAML; loading it gives the same configuration."""
    write_bytes(path, dump_yaml(to_tree(config)).encode("utf-8"))


def _share(settings: dict[str, Any], first: str, second: str) -> tuple[str, str | None]:
    """Give both twins the value that one of them has; return the echo and what it repeats."""
    if get(settings, first) is None:
        first, second = second, first
    value = get(settings, first)
    if value is None:
        return second, None
    if get(settings, second) is None:
        put(settings, second, value)
    return second, first if get(settings, second) == value else None


def _validate(
    settings: dict[str, Any], origins: Mapping[str, str]
) -> tuple[Config, dict[str, str]]:
    """Validate, setting faulty keys aside until the rest can be checked too."""
    faults: dict[str, str] = {}
    while True:
        try:
            return Config.model_validate(settings), faults
        except ValidationError as error:
            for parts, line in describe(error, settings, origins).items():
                drop(settings, parts)
                faults.setdefault(".".join(parts), line)
