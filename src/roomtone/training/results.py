"""What is written when training is done: model, history, test metrics, predictions."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from roomtone.config import Config, to_tree
from roomtone.data.dataset import CSVSentimentDataset
from roomtone.errors import MissingExtraError
from roomtone.files import write_bytes, write_json
from roomtone.stats.intervals import bootstrap_interval
from roomtone.text import TOKENIZER_VERSION, Vocabulary
from roomtone.training.console import Console
from roomtone.training.evaluation import Evaluation
from roomtone.training.files import save_tensors
from roomtone.training.loop import Trainer
from roomtone.training.observers import EpochResult, Observer, Quiet
from roomtone.training.run_folder import RunFolder
from roomtone.training.tensorboard import TensorBoard
from roomtone.training.transfer import MODEL_KIND

INTERVALS = ("f1_macro", "accuracy", "recall_macro")


class HistoryFile(Quiet):
    """Keeps `training_history.json` up to date after each epoch."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def epoch_ends(self, trainer: Trainer, result: EpochResult) -> None:
        """Write the history so far."""
        write_history(self.path, trainer, stopped=None)


def write_history(path: Path, trainer: Trainer, *, stopped: str | None) -> None:
    """Write the metrics of all epochs, and what they add up to."""
    progress = trainer.progress
    metadata = {
        "saved_at": datetime.now().isoformat(timespec="seconds"),
        "total_epochs": progress.epoch,
        "best_epoch": progress.best_epoch,
        "monitor": trainer.config.training.early_stopping.monitor,
        "best_value": progress.best_value,
        "stopped": stopped,
        "class_names": list(trainer.class_names),
    }
    write_json(path, {"history": progress.history, "metadata": metadata})


def recorders(config: Config, folder: RunFolder, console: Console) -> list[Observer]:
    """Choose what records the epochs: the history's file and, if wanted, TensorBoard."""
    history, settings = HistoryFile(folder.history), config.tensorboard
    if not settings.enabled:
        return [history]
    runs = config.tensorboard_dir / folder.root.name
    if runs.is_dir() and any(runs.iterdir()) and not any(folder.checkpoints.glob("*.pt")):
        console.warn(f"{runs} holds curves of an earlier run, which this one's take the place of")
    try:
        return [history, TensorBoard(runs, histograms=settings.histograms)]
    except MissingExtraError as error:
        console.warn(f"{error} Training goes on without.")
    except OSError as error:
        console.warn(
            f"tensorboard_dir: {runs} cannot be written ({error.strerror}). "
            "Training goes on without curves for TensorBoard."
        )
    return [history]


def model_facts(
    config: Config,
    class_names: Sequence[str],
    vocabulary: Vocabulary,
    *,
    digest: str,
    data: dict[str, str],
    vectors: dict[str, Any] | None,
) -> dict[str, Any]:
    """Collect what each saved file carries besides weights; no times and no output paths.

    Parameters
    ----------
    config : Config
        Of the run.
    class_names : sequence of str
        Names of the classes.
    vocabulary : Vocabulary
        Of the run.
    digest : str
        The sha256 of the vocabulary's JSON file.
    data : dict of str to str
        The sha256 of each file of texts.
    vectors : dict or None
        What pretrained vectors there are.
    """
    return {
        "format": 1,
        "model": to_tree(config)["model"],
        "class_names": list(class_names),
        "vocabulary_size": len(vocabulary),
        "vocabulary_sha256": digest,
        "tokenizer_version": TOKENIZER_VERSION,
        "data": data,
        "vectors": vectors,
        "seed": config.seed,
    }


def save_model(path: Path, trainer: Trainer) -> None:
    """Write the network's weights and what is needed to use them; no times, no paths."""
    weights = {name: tensor.cpu() for name, tensor in trainer.network.state_dict().items()}
    content = {"kind": MODEL_KIND, "model_state_dict": weights, **trainer.describe()}
    save_tensors(path, content)


def write_test(
    folder: RunFolder,
    split: str,
    dataset: CSVSentimentDataset,
    evaluation: Evaluation,
    *,
    warnings: tuple[str, ...],
    seed: int,
) -> dict[str, Any]:
    """Write the metrics of the tested split, with intervals, and every row's prediction.

    Returns
    -------
    dict
        What `test_metrics.json` holds.
    """
    names = dataset.scheme.names
    intervals = {
        metric: bootstrap_interval(
            dataset.labels, evaluation.predicted, len(names), metric=metric, seed=seed
        ).to_dict()
        for metric in INTERVALS
    }
    content = {
        "split": split,
        "file": str(dataset.source.path),
        "metrics": evaluation.metrics.to_dict(names),
        "intervals": intervals,
        "warnings": [*warnings, *_absent_classes(dataset, split)],
        "class_names": list(names),
    }
    write_json(folder.test_metrics, content)
    _write_predictions(folder.predictions, dataset, evaluation)
    return content


def _absent_classes(dataset: CSVSentimentDataset, split: str) -> list[str]:
    """Warn of classes that the macro averages leave out, since no row has them."""
    there = set(dataset.labels.tolist())
    absent = [name for code, name in enumerate(dataset.scheme.names) if code not in there]
    if not absent:
        return []
    return [f"no row of the {split} file is {' or '.join(absent)}: macro averages leave that out"]


def _write_predictions(path: Path, dataset: CSVSentimentDataset, evaluation: Evaluation) -> None:
    names = dataset.scheme.names
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\n")
    table.writerow(
        ["row", "line", "text", "label", "predicted", "confidence", *(f"p_{n}" for n in names)]
    )
    for row, probs in enumerate(evaluation.probs):
        label, predicted = names[dataset.labels[row]], names[evaluation.predicted[row]]
        head = [row, dataset.source.lines[row], dataset.texts[row], label, predicted]
        table.writerow([*head, f"{probs.max():.6f}", *(f"{p:.6f}" for p in probs)])
    write_bytes(path, text.getvalue().encode("utf-8", errors="replace"))
