"""What a run's state file must hold, checked before any of it is used."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import torch
from pydantic import (
    BaseModel,
    ConfigDict,
    NonNegativeInt,
    PositiveFloat,
    ValidationError,
    field_validator,
    model_validator,
)

from roomtone.config import load_config
from roomtone.errors import CheckpointError, ConfigError
from roomtone.training.checkpoint import BEST_KIND, BEST_NAME
from roomtone.training.files import load_tensors
from roomtone.training.progress import Progress

if TYPE_CHECKING:
    from roomtone.training.loop import Trainer


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", arbitrary_types_allowed=True)


class _Sums(_Part):
    loss: float
    weight: float
    predicted: torch.Tensor

    @field_validator("predicted")
    @classmethod
    def _is_one_code_a_row(cls, value: torch.Tensor) -> torch.Tensor:
        if value.dtype != torch.int16 or value.ndim != 1:
            raise ValueError("expected a class code, int16, for each row")
        return value


class _Plateau(_Part):
    factor: PositiveFloat
    bad_epochs: NonNegativeInt


class _Progress(_Part):
    epoch: NonNegativeInt
    batch: NonNegativeInt
    step: NonNegativeInt
    best_value: float | None
    best_epoch: NonNegativeInt | None
    bad_epochs: NonNegativeInt
    best_checkpoint: str | None
    plateau: _Plateau
    history: dict[str, list[float]]
    sums: _Sums

    @field_validator("best_checkpoint")
    @classmethod
    def _lies_beside_the_state(cls, value: str | None) -> str | None:
        if value is not None and not BEST_NAME.fullmatch(value):
            raise ValueError("expected the plain name of a best epoch's file")
        return value

    @model_validator(mode="after")
    def _agrees_with_its_epochs(self) -> Self:
        best = (self.best_value, self.best_epoch, self.best_checkpoint)
        if any((found is None) != (self.epoch == 0) for found in best):
            raise ValueError("expected a best epoch once an epoch is finished, and not before")
        if {len(values) for values in self.history.values()} != ({self.epoch} - {0}):
            raise ValueError(f"expected {self.epoch} values of each metric in the history")
        return self


class _Moments(_Part):
    step: torch.Tensor
    exp_avg: torch.Tensor
    exp_avg_sq: torch.Tensor


class _Group(_Part):
    model_config = ConfigDict(extra="allow")
    params: list[int]
    lr: float
    betas: tuple[float, float]
    eps: float
    weight_decay: float


class _Optimizer(_Part):
    state: dict[int, _Moments]
    param_groups: list[_Group]


class _State(_Part):
    model_config = ConfigDict(extra="ignore")
    config: dict[str, Any]
    data: dict[str, str]
    model_state_dict: dict[str, torch.Tensor]
    optimizer_state_dict: _Optimizer
    progress: _Progress
    vectors: dict[str, Any] | None
    vocabulary_sha256: str

    @field_validator("data")
    @classmethod
    def _covers_training(cls, value: dict[str, str]) -> dict[str, str]:
        if not {"train", "val"} <= value.keys():
            raise ValueError("expected the sha256 of the train file and of the val file")
        return value


def check_state(state: dict[str, Any], path: Path) -> None:
    """Make sure that a state file holds what a whole run writes.

    Parameters
    ----------
    state : dict
        What was read.
    path : Path
        The file, for the message.

    Raises
    ------
    CheckpointError
        With all that is missing or of another kind.
    """
    missing = sorted(_State.model_fields.keys() - state.keys())
    if missing:
        raise CheckpointError(
            f"{path} was not written by `roomtone train`: it lacks {', '.join(missing)}"
        )
    try:
        _State.model_validate(state)
        load_config(tree=state["config"], check_files=False)
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        raise CheckpointError(_foreign(path, lines)) from None
    except ConfigError as error:
        raise CheckpointError(_foreign(path, [f"config: {p}" for p in error.problems])) from None


def check_best(state: dict[str, Any], path: Path) -> None:
    """Make sure that the best weights that a state names are there, and of the same network.

    Parameters
    ----------
    state : dict
        What was read, and checked with `check_state`.
    path : Path
        The file; the best weights lie beside it.

    Raises
    ------
    CheckpointError
        If they are missing, damaged, or do not fit.
    """
    name, expected = state["progress"]["best_checkpoint"], state["model_state_dict"]
    if name is None:
        return
    try:
        weights = load_tensors(path.with_name(name), kind=BEST_KIND).get("model_state_dict")
    except CheckpointError as error:
        raise CheckpointError(
            f"{error}\nIt holds the best weights of the run that {path} goes on with: put it back, "
            "or start a new run"
        ) from None
    if not isinstance(weights, dict) or _shapes(weights) != _shapes(expected):
        raise CheckpointError(f"{path.with_name(name)} holds other weights than those of {path}")


def _shapes(weights: dict[str, Any]) -> dict[str, Any]:
    return {name: getattr(tensor, "shape", None) for name, tensor in weights.items()}


def restore(trainer: Trainer, state: dict[str, Any], source: str) -> Progress:
    """Put weights and optimiser of a state into a trainer; return its progress.

    Raises
    ------
    CheckpointError
        If the state is that of another network, or of other data.
    """
    progress = Progress.from_dict(state["progress"])
    batches, rows = len(trainer.train_loader), len(trainer.train_loader.indices)
    predicted = progress.sums.predicted
    if progress.batch > batches or progress.step != progress.epoch * batches + progress.batch:
        raise CheckpointError(
            f"{source} stands at epoch {progress.epoch}, batch {progress.batch}, step "
            f"{progress.step}, which is no place in a run of {batches} batches an epoch"
        )
    if len(predicted) != rows or not -1 <= predicted.min() <= predicted.max() < len(
        trainer.class_names
    ):
        raise CheckpointError(
            f"{source} holds predictions that do not fit {rows} training rows of "
            f"{len(trainer.class_names)} classes"
        )
    try:
        trainer.network.load_state_dict(state["model_state_dict"])
        trainer.optimizer.load_state_dict(state["optimizer_state_dict"])
    except (RuntimeError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise CheckpointError(f"{source} does not fit the network of the run: {reason}") from None
    for parameter, moments in trainer.optimizer.state.items():
        if any(m.ndim and m.shape != parameter.shape for m in moments.values()):
            raise CheckpointError(f"{source}: the optimiser's state does not fit the network")
    return progress


def _foreign(path: Path, lines: list[str]) -> str:
    return "\n".join(
        [f"{path} does not hold what `roomtone train` writes:", *(f"  - {line}" for line in lines)]
    )
