"""Keyword arguments as settings: the same checks as for YAML, each mistake by its keyword."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypedDict

from roomtone.config import Config, load_config, to_tree
from roomtone.config.flags import FLAGS
from roomtone.config.overrides import TWINS
from roomtone.config.tree import get, put
from roomtone.errors import ConfigError, nearest

Settings = Config | Mapping[str, Any] | Path | str


class TrainingKeywords(TypedDict, total=False):
    """The flags of the training command that a trainer takes as keywords."""

    max_epochs: int
    learning_rate: float
    weight_decay: float
    gradient_clip: float
    lr_scheduler: str
    warmup_steps: int
    class_weights: str | Sequence[float]
    label_smoothing: float
    precision: str
    early_stopping_patience: int
    early_stopping_monitor: str
    freeze: str | Sequence[str]
    freeze_epochs: int
    output_dir: Path | str
    tensorboard_dir: Path | str
    experiment_name: str
    device: str
    threads: str | int
    deterministic: bool
    seed: int


TRAINING_PATHS = MappingProxyType(
    {flag.name: flag.keys[0] for flag in FLAGS if flag.name in TrainingKeywords.__annotations__}
)


def read_settings(config: Settings | None) -> Config:
    """Read a configuration given as a YAML file, as plain values, ready-made, or not at all.

    Raises
    ------
    ConfigError
        With every mistake found.
    """
    if config is None:
        return Config()
    if isinstance(config, Config):
        return config
    if isinstance(config, Mapping):
        return load_config(tree=config, check_files=False)
    return load_config(Path(config), check_files=False)


def configure(base: Config, paths: Mapping[str, str], keywords: Mapping[str, Any]) -> Config:
    """Lay keyword arguments over a configuration.

    Parameters
    ----------
    base : Config
        What holds where no keyword is given.
    paths : mapping of str to str
        The key of the configuration that each keyword sets.
    keywords : mapping of str to object
        The keywords and their values; None leaves the key as it is.

    Raises
    ------
    ConfigError
        With every mistake found, each by the name of its keyword.
    """
    problems = list(_unknown(keywords, paths))
    tree = to_tree(base)
    for keyword, value in keywords.items():
        if keyword in paths and value is not None:
            put(tree, paths[keyword], _plain(value))
    for first, second in TWINS:
        put(tree, second, get(tree, first))
    try:
        config = load_config(tree=tree, check_files=False)
    except ConfigError as error:
        problems += [_by_keyword(line, paths) for line in error.problems]
    if problems:
        raise ConfigError(problems, source="arguments")
    return config


def _unknown(keywords: Mapping[str, Any], paths: Mapping[str, str]) -> Iterator[str]:
    for keyword in keywords:
        if keyword not in paths:
            yield f"{keyword}: there is no such argument{nearest(keyword, paths)}"


def _plain(value: Any) -> Any:
    """Turn arrays, tensors and their scalars, and paths, into what YAML could hold."""
    if isinstance(value, Path):
        return str(value)
    return value.tolist() if hasattr(value, "tolist") else value


def _by_keyword(line: str, paths: Mapping[str, str]) -> str:
    for keyword, path in paths.items():
        line = re.sub(rf"\b{re.escape(path)}\b", keyword, line)
    return line
