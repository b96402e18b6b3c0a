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
COMPARED_SPLITS = {"train": "train", "validation": "val"}


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
    OSError
        If the folder cannot be made.
    """

    def __init__(self, folder: Path, *, histograms: bool = False) -> None:
        require("tensorboard", extra="tensorboard", purpose="Writing curves for TensorBoard")
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.histograms = histograms
        self._writers: dict[str, Any] = {}
        self._norms: list[float] = []

    def train_begins(self, trainer: Trainer) -> None:
        """Open the files; whoever reads them drops what was written beyond the checkpoint."""
        from torch.utils.tensorboard import SummaryWriter

        coming = trainer.progress.epoch + 1
        for place in ("", *COMPARED_SPLITS):
            folder = str(self.folder / place)
            self._writers[place] = SummaryWriter(folder, purge_step=coming)

    def batch_ends(self, trainer: Trainer, loss: float, texts: int) -> None:
        """Note the norm of the gradient."""
        if self.histograms:
            self._norms.append(trainer.gradient_norm)

    def epoch_ends(self, trainer: Trainer, result: EpochResult) -> None:
        """Write what the epoch has yielded, down to the disk."""
        self._scalars(result.metrics, result.epoch)
        if self.histograms:
            main = self._writers[""]
            for name, parameter in trainer.network.named_parameters():
                main.add_histogram(f"Weights/{name}", parameter.detach(), result.epoch)
            if self._norms:  # none where a run was resumed after the last batch of the epoch
                main.add_histogram("Gradients/norm", np.array(self._norms), result.epoch)
            self._norms.clear()
        for writer in self._writers.values():
            writer.flush()

    def train_ends(self, trainer: Trainer) -> None:
        """Close the files."""
        for writer in self._writers.values():
            writer.close()

    def _scalars(self, metrics: dict[str, float], epoch: int) -> None:
        for name, value in metrics.items():
            self._writers[""].add_scalar(_tag(name), value, epoch)
        for metric in COMPARED:
            # Curves of one name from two folders are what TensorBoard draws into one plot.
            for place, split in COMPARED_SPLITS.items():
                value = metrics[f"{split}_{metric}"]
                self._writers[place].add_scalar(f"Comparison/{TITLES[metric]}", value, epoch)


def _tag(name: str) -> str:
    """Group the metric under its title: ``val_f1_macro`` becomes ``F1-Macro/validation``."""
    if name == "learning_rate":
        return "Learning rate"
    split, metric = name.split("_", 1)
    place = {"train": "train", "val": "validation"}[split]
    if metric in TITLES:
        return f"{TITLES[metric]}/{place}"
    return f"F1 per class/{place} {metric.removeprefix('f1_')}"
