"""Loss and optimiser of a run, and which parameters take part."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext

import numpy as np
import torch
from torch import Tensor, nn

from roomtone.config import Config
from roomtone.config.training import TrainingConfig
from roomtone.errors import ConfigError, nearest
from roomtone.training.lazy_adam import LazyAdam, LazyAdamW, values_of


def class_weights(config: TrainingConfig, labels: np.ndarray, num_classes: int) -> Tensor | None:
    """Weigh the classes in the loss.

    ``balanced`` is ``n / (classes * count)``, as scikit-learn's ``compute_class_weight``; it
    sees the training rows only.

    Parameters
    ----------
    config : TrainingConfig
        Holds the choice.
    labels : ndarray
        Class codes of the training rows, ``[rows]``.
    num_classes : int
        Number of classes.

    Returns
    -------
    Tensor or None
        ``[num_classes]``, float32; None where all weigh the same.
    """
    if config.class_weights == "none":
        return None
    if config.class_weights == "balanced":
        counts = np.bincount(labels, minlength=num_classes)
        return torch.tensor(
            len(labels) / (num_classes * np.maximum(counts, 1)), dtype=torch.float32
        )
    return torch.tensor(config.class_weights, dtype=torch.float32)


class WeightedLoss:
    """Cross-entropy with class weights, as a sum and the weight that it is a sum over.

    Parameters
    ----------
    weights : Tensor or None
        Weight of each class, ``[num_classes]``.
    label_smoothing : float
        Share of the target spread over all classes.
    """

    def __init__(self, weights: Tensor | None, label_smoothing: float = 0.0) -> None:
        self.weights = weights
        self.label_smoothing = label_smoothing

    def __call__(self, logits: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Compute the mean loss of a batch and its total weight.

        Parameters
        ----------
        logits : Tensor
            ``[batch, num_classes]``.
        labels : Tensor
            ``[batch]``.

        Returns
        -------
        tuple of Tensor
            Weighted mean loss and sum of the weights, both scalars.
        """
        weights = self.weights
        if weights is not None:
            self.weights = weights = weights.to(logits.device)  # sent there by the first batch
        loss = nn.functional.cross_entropy(
            logits, labels, weight=weights, label_smoothing=self.label_smoothing
        )
        total = labels.new_full((), len(labels)) if weights is None else weights[labels].sum()
        return loss, total


def build_optimizer(config: Config, network: nn.Module) -> torch.optim.Optimizer:
    """Build the optimiser over all parameters; those that are frozen have no gradient.

    Parameters
    ----------
    config : Config
        Which one, its settings, and whether it is lazy with word vectors.
    network : nn.Module
        What it moves.

    Returns
    -------
    torch.optim.Optimizer
        PyTorch's own, or where it is lazy `LazyAdam` or `LazyAdamW`.
    """
    settings, decoupled = config.training, config.training.optimizer == "adamw"
    device = next(network.parameters()).device.type
    lazy = config.embeddings.lazy
    if (device == "cpu") if lazy == "auto" else lazy:
        kind: type[torch.optim.Adam] = LazyAdamW if decoupled else LazyAdam
    else:
        kind = torch.optim.AdamW if decoupled else torch.optim.Adam
    return kind(
        network.parameters(),
        lr=settings.learning_rate,
        betas=settings.betas,
        weight_decay=settings.weight_decay,
        fused=device in ("cpu", "cuda"),
    )


class ParameterGroups:
    """The groups of parameters that an optimiser moves: their rates and their gradients.

    Parameters
    ----------
    optimizer : torch.optim.Optimizer
        Each group keeps the share of `peak` that its rate has now.
    peak : float
        The highest rate of the schedule.
    """

    def __init__(self, optimizer: torch.optim.Optimizer, peak: float) -> None:
        # Not the groups themselves, since loading a state puts others in their place.
        self._optimizer = optimizer
        self._shares = [group["lr"] / peak for group in optimizer.param_groups]

    def set_rate(self, rate: float) -> None:
        """Set the learning rate of the coming step."""
        for group, share in zip(self._optimizer.param_groups, self._shares, strict=True):
            group["lr"] = rate * share

    def standing_in(self) -> AbstractContextManager[None]:
        """Let others stand in for the parameters meanwhile; here they stand for themselves."""
        return nullcontext()

    def clip(self, limit: float, *, wait: bool = True) -> Tensor:
        """Scale the gradients down to a norm of `limit`, 0 meaning none; return their norm.

        Parameters
        ----------
        limit : float
            The largest norm that stays as it is.
        wait : bool
            Whether the host may wait for the norm, to leave gradients below the limit alone; a
            GPU is better off scaling them by one.

        Returns
        -------
        Tensor
            Of all gradients together, before; it stays where it is.
        """
        parameters = [p for group in self._optimizer.param_groups for p in group["params"]]
        gradients = [values_of(p) for p in parameters if p.grad is not None]
        norm = nn.utils.get_total_norm(gradients)
        if limit and not (wait and norm <= limit):
            torch._foreach_mul_(gradients, (limit / (norm + 1e-6)).clamp(max=1.0))
        return norm

    def step(self) -> None:
        """Move the parameters by their gradients."""
        self._optimizer.step()


def freeze(network: nn.Module, words: Iterable[str]) -> list[str]:
    """Stop training every parameter that belongs to one of the parts named.

    A part is named as in the parameters' names, at any depth: ``cnn`` or ``bilstm.ahead``.

    Returns
    -------
    list of str
        Names of the parameters that are frozen.

    Raises
    ------
    ConfigError
        If a word fits no parameter, or nothing is left to train.
    """
    parts = list(dict.fromkeys(name.split(".")[0] for name, _ in network.named_parameters()))
    frozen: list[str] = []
    for word in words:
        fitting = [name for name, _ in network.named_parameters() if f".{word}." in f".{name}."]
        if not fitting:
            known = ", ".join(parts)
            raise ConfigError(
                [
                    f"training.freeze: found {word!r}, expected part of a parameter's name: "
                    f"{known}{nearest(word, parts)}"
                ]
            )
        frozen += fitting
    for name, parameter in network.named_parameters():
        if name in frozen:
            parameter.requires_grad_(False)
    if not any(parameter.requires_grad for parameter in network.parameters()):
        raise ConfigError(["training.freeze: freezes every parameter; leave a part to train"])
    return frozen
