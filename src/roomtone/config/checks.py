"""What one key alone cannot tell: keys that must agree, and files that must be there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from os.path import isdir, isfile  # false, not an error, for what cannot be a path
from pathlib import Path
from typing import Any, NamedTuple

from roomtone.config.model import ModelConfig
from roomtone.config.overrides import TWINS
from roomtone.config.schema import Config
from roomtone.config.tree import get
from roomtone.errors import DataError, nearest
from roomtone.labels import LabelScheme


class Problem(NamedTuple):
    """A mistake that involves one or more keys."""

    paths: tuple[str, ...]
    text: str


def label_scheme(config: Config) -> LabelScheme:
    """Build the classes of a configuration: the user's label map, or the usual names."""
    if config.data.label_map is not None:
        return LabelScheme.from_map(config.data.label_map)
    return LabelScheme.numbered(config.model.num_classes)


def twins_that_differ(tree: Mapping[str, Any]) -> Iterator[Problem]:
    """Find pairs of keys that mean the same and were both set, to different values."""
    for pair in TWINS:
        values = [get(tree, path) for path in pair]
        if None not in values and values[0] != values[1]:
            yield Problem(
                pair,
                f"{pair[0]} and {pair[1]} must agree: found {values[0]!r} and {values[1]!r}; "
                "set both to one value, or leave one out",
            )


def keys_that_disagree(config: Config) -> Iterator[Problem]:
    """Find values that are each allowed, but not together."""
    yield from _parts_of_the_network(config.model)
    sizes, dropout = config.model.classifier.hidden_sizes, config.model.classifier.dropout
    if len(sizes) != len(dropout):
        yield Problem(
            ("model.classifier.hidden_sizes", "model.classifier.dropout"),
            f"model.classifier.dropout: found {len(dropout)} value(s), expected {len(sizes)}, "
            "one for each of model.classifier.hidden_sizes",
        )
    peak, lowest = config.training.learning_rate, config.training.lr_scheduler.min_lr
    if lowest > peak:
        yield Problem(
            ("training.lr_scheduler.min_lr", "training.learning_rate"),
            f"training.lr_scheduler.min_lr: found {lowest}, expected at most "
            f"training.learning_rate, which is {peak}",
        )
    runs = config.model.subwords
    if runs.longest < runs.shortest:
        yield Problem(
            ("model.subwords.longest", "model.subwords.shortest"),
            f"model.subwords.longest: found {runs.longest}, expected at least "
            f"model.subwords.shortest, which is {runs.shortest}",
        )
    yield from _class_problems(config)


def _parts_of_the_network(model: ModelConfig) -> Iterator[Problem]:
    width, heads = model.attended, model.attention.num_heads
    if model.attention.enabled and width % heads:
        fitting = ", ".join(str(n) for n in range(1, 33) if width % n == 0)
        lstm = model.bilstm.enabled
        key = "model.bilstm.hidden_size" if lstm else "model.embedding_dim"
        yield Problem(
            ("model.attention.num_heads", key),
            f"model.attention.num_heads: found {heads}, expected a divisor of "
            f"{width} ({'twice ' * lstm}{key}): {fitting}",
        )
    parts = {
        "model.cnn.enabled": model.cnn.enabled,
        "model.bilstm.enabled": model.bilstm.enabled,
        "model.attention.enabled": model.attention.enabled,
    }
    if not any(parts.values()):
        yield Problem(tuple(parts), f"{', '.join(parts)}: all are false, expected one true")


def _class_problems(config: Config) -> Iterator[Problem]:
    classes, weights = config.model.num_classes, config.training.class_weights
    if not isinstance(weights, str) and len(weights) != classes:
        yield Problem(
            ("training.class_weights", "model.num_classes"),
            f"training.class_weights: found {len(weights)} weight(s), expected {classes}, "
            "one for each class",
        )
    if config.data.label_map is None:
        return
    paths = ("data.label_map", "model.num_classes")
    try:
        named = label_scheme(config).num_classes
    except DataError as error:
        yield Problem(paths, f"data.label_map: {error}")
        return
    if named != classes:
        yield Problem(
            paths,
            f"data.label_map: names {named} classes, but model.num_classes is {classes}; "
            f"set model.num_classes (--num_classes) to {named}",
        )


def missing_files(config: Config, origins: Mapping[str, str]) -> Iterator[Problem]:
    """Find input files that the configuration names and that are not there.

    A missing file of vectors is an error where it was typed on the command line or is
    `required`; elsewhere the run warns and trains the vectors from scratch.
    """
    files: dict[str, Path | None] = {"train_csv": config.train_csv, "val_csv": config.val_csv}
    files |= {"test_csv": config.test_csv, "vocab_path": config.vocab_path}
    if config.embeddings.required or "embeddings.path" in origins:
        files["embeddings.path"] = config.embeddings.path
    for path, file in files.items():
        if file is not None and not isfile(file):
            typed = f" (from {origins[path]})" if path in origins else ""
            yield Problem((path,), f"{path}{typed}: {_absence(file)}")
    if config.init_from is not None:
        model = config.init_from
        if isdir(model):
            model = model / "final_model.pt"
        if not isfile(model):
            yield Problem(("init_from",), f"init_from: expected a finished run: {_absence(model)}")


def _absence(file: Path) -> str:
    if isdir(file):
        return f"{file} is a folder, expected a file"
    if not isdir(file.parent):
        return f"no file {file}: the folder {file.parent} does not exist (current: {Path.cwd()})"
    try:
        names = sorted(p.name for p in file.parent.iterdir())
    except OSError:
        return f"no file {file}: the folder {file.parent} cannot be read"
    listing = f"; the folder holds {', '.join(names[:6])}" if names else "; the folder is empty"
    return f"no file {file}{nearest(file.name, names) or listing}"
