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
    origins = apply_overrides(settings, flags or {}, sets)
    problems = list(twins_that_differ(settings))
    for first, second in TWINS:
        _share(settings, first, second)
        _share(settings, second, first)
    config, faults = _validate(settings, origins)
    problems += [Problem((key,), line) for key, line in faults.items()]
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
    path.write_text(dump_yaml(to_tree(config)), encoding="utf-8")


def _share(settings: dict[str, Any], source: str, target: str) -> None:
    if get(settings, source) is not None and get(settings, target) is None:
        parent = target.rpartition(".")[0]
        if get(settings, parent) is None or isinstance(get(settings, parent), dict):
            put(settings, target, get(settings, source))


def _validate(
    settings: dict[str, Any], origins: Mapping[str, str]
) -> tuple[Config, dict[str, str]]:
    """Validate, setting faulty keys aside until the rest can be checked too."""
    faults: dict[str, str] = {}
    while True:
        try:
            return Config.model_validate(settings), faults
        except ValidationError as error:
            found = describe(error, origins)
            for key in found:
                drop(settings, key)
            faults |= {key: line for key, line in found.items() if key not in faults}
