"""Curves for TensorBoard: each scalar of an epoch, comparison plots, histograms on request."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from roomtone.errors import require
from roomtone.training.observers import EpochResult, Quiet

if TYPE_CHECKING:
    from roomtone.training.loop import Trainer

TITLES = {
    "loss": "Loss",
    "accuracy": "Accuracy",
    "f1_macro": "F1-Macro",
    "precision_macro": "Precision",
    "recall_macro": "Recall",
    "cohen_kappa": "Cohen's Kappa",
    "mcc": "MCC",
}
COMPARED = ("loss", "f1_macro")


class TensorBoard(Quiet):
    """Writes event files.

    Parameters
    ----------
    folder : Path
        The run's own folder of event files.
    histograms : bool
        Also write the weights and the norms of the gradients.

    Raises
    ------
    MissingExtraError
        If the package is not installed.
    """

    def __init__(self, folder: Path, *, histograms: bool = False) -> None:
        require("tensorboard", extra="tensorboard", purpose="Writing curves for TensorBoard")
        self.folder = folder
        self.histograms = histograms
        self._writer: Any = None
        self._norms: list[float] = []

    def train_begins(self, trainer: Trainer) -> None:
        """Open the files; after a resume, drop what was written beyond the checkpoint.

        The last finished epoch is written again, in case the run was killed in between.
        """
        from torch.utils.tensorboard import SummaryWriter

        done = trainer.progress.epoch
        self._writer = SummaryWriter(
            str(self.folder), purge_step=done if done or trainer.progress.batch else None
        )
        if done:
            last = {name: values[-1] for name, values in trainer.progress.history.items()}
            self._scalars(last, done)

    def batch_ends(self, trainer: Trainer, loss: float, texts: int) -> None:
        """Note the norm of the gradient."""
        if self.histograms:
            self._norms.append(trainer.gradient_norm)

    def epoch_ends(self, trainer: Trainer, result: EpochResult) -> None:
        """Write what the epoch has yielded."""
        self._scalars(result.metrics, result.epoch)
        if self.histograms:
            for name, parameter in trainer.network.named_parameters():
                self._writer.add_histogram(f"Weights/{name}", parameter.detach(), result.epoch)
            self._writer.add_histogram("Gradients/norm", np.array(self._norms), result.epoch)
            self._norms.clear()
        self._writer.flush()

    def train_ends(self, trainer: Trainer) -> None:
        """Close the files."""
        if self._writer is not None:
            self._writer.close()

    def _scalars(self, metrics: dict[str, float], epoch: int) -> None:
        for name, value in metrics.items():
            self._writer.add_scalar(_tag(name), value, epoch)
        for metric in COMPARED:
            pair = {"train": metrics[f"train_{metric}"], "validation": metrics[f"val_{metric}"]}
            self._writer.add_scalars(f"Comparison/{TITLES[metric]}", pair, epoch)


def _tag(name: str) -> str:
    """Group the metric under its title: ``val_f1_macro`` becomes ``F1-Macro/validation``."""
    if name == "learning_rate":
        return "Learning rate"
    split, metric = name.split("_", 1)
    place = {"train": "train", "val": "validation"}[split]
    if metric in TITLES:
        return f"{TITLES[metric]}/{place}"
    return f"F1 per class/{place} {metric.removeprefix('f1_')}"
