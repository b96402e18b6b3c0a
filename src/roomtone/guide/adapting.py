"""Making a model, loaders, an optimiser and a criterion of the user's fit one configuration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import nn

from roomtone.config import Config, to_tree
from roomtone.config.tree import put
from roomtone.data.batches import BatchLoader
from roomtone.errors import ConfigError
from roomtone.guide.model import HybridCNNBiLSTM
from roomtone.guide.settings import TRAINING_PATHS, Settings, configure, read_settings

_BROUGHT = {
    "learning_rate": "the optimizer",
    "weight_decay": "the optimizer",
    "class_weights": "the criterion",
    "label_smoothing": "the criterion",
}


def training_config(
    settings: Settings | None,
    model: HybridCNNBiLSTM,
    loader: BatchLoader,
    *,
    optimizer: torch.optim.Optimizer | None,
    criterion: nn.CrossEntropyLoss | None,
    keywords: Mapping[str, Any],
) -> Config:
    """Settle the configuration of a training.

    Sizes of the model and the batches are those of `model` and `loader`; what the optimiser
    and the criterion decide is read off them; keywords go before `settings`.

    Raises
    ------
    ConfigError
        With every mistake, or if a keyword says again what an object has already decided.
    """
    brought = {**_from_optimizer(optimizer, model), **_from_criterion(criterion)}
    twice = [
        f"{keyword}: {_BROUGHT[keyword]} brings its own; leave one of them out"
        for keyword in brought
        if keyword in keywords
    ]
    if twice:
        raise ConfigError(twice, source="arguments")
    tree = to_tree(read_settings(settings))
    put(tree, "model", model.config.model_dump(mode="json"))
    put(tree, "training.batch_size", loader.batch_size)
    config = Config.model_validate(tree)
    return configure(config, TRAINING_PATHS, {**keywords, **brought})


def check_loader(loader: object, name: str, model: HybridCNNBiLSTM) -> None:
    """Make sure that a loader can feed a model.

    Raises
    ------
    ConfigError
        If it is no loader of ours, is empty, or its classes or tokens are not the model's.
    """
    if not isinstance(loader, BatchLoader):
        raise ConfigError(
            [
                f"{name}: found {type(loader).__name__}, expected a BatchLoader, as "
                "create_k_fold_loaders gives"
            ],
            source="arguments",
        )
    problems = [f"{name}: {problem}" for problem in _misfits(loader, model)]
    if problems:
        raise ConfigError(problems, source="arguments")


def _misfits(loader: BatchLoader, model: HybridCNNBiLSTM) -> Iterator[str]:
    if len(loader) == 0:
        yield "holds no texts"
        return
    classes, tokens = loader.dataset.scheme.num_classes, int(loader.dataset.ids.max()) + 1
    if classes != model.config.num_classes:
        yield f"has {classes} classes, but num_classes of the model is {model.config.num_classes}"
    if tokens > model.config.vocab_size:
        yield (
            f"holds token codes up to {tokens - 1}, but vocab_size of the model is "
            f"{model.config.vocab_size}; build it with vocab_size=len(vocab)"
        )


def _from_optimizer(
    optimizer: torch.optim.Optimizer | None, model: HybridCNNBiLSTM
) -> dict[str, Any]:
    if optimizer is None:
        return {}
    if not isinstance(optimizer, torch.optim.Optimizer):
        raise ConfigError(
            [
                f"optimizer: found {optimizer!r}, expected one of torch.optim, as in "
                "optim.Adam(model.parameters()); leave it out for the one that config names"
            ],
            source="arguments",
        )
    own = {id(parameter) for parameter in model.parameters()}
    held = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    if not all(id(parameter) in own for parameter in held):
        raise ConfigError(
            [
                "optimizer: holds parameters that are not this model's; build it after the model, "
                "from model.parameters()"
            ],
            source="arguments",
        )
    groups = optimizer.param_groups
    return {
        "learning_rate": max(float(group["lr"]) for group in groups),
        "weight_decay": max(float(group.get("weight_decay", 0.0)) for group in groups),
    }


def _from_criterion(criterion: nn.CrossEntropyLoss | None) -> dict[str, Any]:
    if criterion is None:
        return {}
    if not isinstance(criterion, nn.CrossEntropyLoss) or criterion.reduction != "mean":
        raise ConfigError(
            [
                f"criterion: found {criterion!r}, expected an nn.CrossEntropyLoss that takes the "
                "mean; it may have class weights and label smoothing"
            ],
            source="arguments",
        )
    weights = "none" if criterion.weight is None else criterion.weight.tolist()
    return {"class_weights": weights, "label_smoothing": criterion.label_smoothing}
