"""From the parameters of the scikit-learn estimator to a checked configuration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from roomtone.config import Config, load_config, to_tree
from roomtone.config.overrides import TWINS
from roomtone.config.tree import LEAVES, put
from roomtone.config.yamlfile import read_yaml
from roomtone.errors import ConfigError, nearest

# The key that each parameter sets.
KEYS = {
    "max_epochs": "training.max_epochs",
    "learning_rate": "training.learning_rate",
    "batch_size": "training.batch_size",
    "embedding_dim": "model.embedding_dim",
    "num_filters": "model.cnn.num_filters",
    "hidden_size": "model.bilstm.hidden_size",
    "class_weights": "training.class_weights",
    "glove_path": "embeddings.path",
    "device": "device",
}


def configuration(estimator: Any, *, num_classes: int, seed: int) -> Config:
    """Build the configuration of a fit: the named parameters over `settings` over `config`.

    Parameters
    ----------
    estimator : HybridClassifier
        Has the parameters as attributes.
    num_classes : int
        Classes of the labels.
    seed : int
        Of the fit.

    Raises
    ------
    ConfigError
        With every setting that is not allowed.
    """
    tree = _tree(estimator.config)
    settings = dict(_checked(estimator.settings or {}))
    named = {key: getattr(estimator, name) for name, key in KEYS.items()}
    fixed = {"model.num_classes": num_classes, "seed": seed, "data.label_map": None}
    for layer in (settings, named, fixed):
        for key, value in layer.items():
            if value is not None or layer is fixed:
                for twin in next((pair for pair in TWINS if key in pair), (key,)):
                    put(tree, twin, str(value) if isinstance(value, Path) else value)
    return load_config(tree=tree, check_files=False)


def _tree(config: Any) -> dict[str, Any]:
    if config is None:
        return {}
    if isinstance(config, Config):
        return to_tree(config)
    if isinstance(config, Mapping):
        return deepcopy(dict(config))
    if isinstance(config, str | Path):
        return read_yaml(Path(config))
    raise ConfigError([f"config: found {config!r}, expected a configuration or its YAML file"])


def _checked(settings: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    unknown = [key for key in settings if key not in LEAVES]
    if unknown:
        raise ConfigError(
            (f"settings: no such key as {key!r}{nearest(str(key), LEAVES)}" for key in unknown),
            source="classifier's settings",
        )
    yield from settings.items()
