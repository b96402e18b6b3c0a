"""What a run says of itself before, between and after the epochs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch

from roomtone.config import Config
from roomtone.training.console import RULE, Console, as_typed
from roomtone.training.diagnosis import collapse
from roomtone.training.loop import Trainer
from roomtone.training.observers import EpochResult, Quiet
from roomtone.training.run_folder import RunFolder

SHOWN = ("accuracy", "f1_macro", "recall_macro", "cohen_kappa", "ece")


def opening(console: Console, folder: RunFolder, config: Config) -> None:
    """Say what is run and where it will lie."""
    console.say(RULE, f"EXPERIMENT: {folder.root.name}", RULE)
    console.say(f"Output directory: {folder}")
    console.say(f"TensorBoard logs: {as_typed(config.tensorboard_dir)}", RULE, "")


def set_up(console: Console, trainer: Trainer) -> None:
    """Say how the training is set up."""
    training = trainer.config.training
    name = {"adam": "Adam", "adamw": "AdamW"}[training.optimizer]
    rates = f"lr={training.learning_rate}, weight_decay={training.weight_decay}"
    console.say("", f"✅ Optimizer: {name} ({rates})")
    console.say(f"✅ LR Scheduler: {trainer.rate.describe()}")
    if training.early_stopping.enabled:
        console.say(f"✅ Early Stopping (patience={training.early_stopping.patience})")
    console.say("✅ Model Checkpoint (saving best model)")
    if trainer.loss.weights is not None:
        weights = ", ".join(f"{weight:.3f}" for weight in trainer.loss.weights.tolist())
        console.say(f"✅ Class weights: {weights}")


def sizes(console: Console, trainer: Trainer, folder: RunFolder) -> None:
    """Say what is trained, on what and for how long at most."""
    config = trainer.config
    if config.tensorboard.enabled:
        runs = config.tensorboard_dir
        console.say(f"📊 TensorBoard logging to: {runs / folder.root.name}")
        console.say(f"   Run: tensorboard --logdir={as_typed(runs)}", "")
    parameters = list(trainer.network.parameters())
    console.say(
        f"Device: {trainer.device}",
        f"Model parameters: {count(parameters):,}",
        f"Trainable parameters: {count(p for p in parameters if p.requires_grad):,}",
        f"Training samples: {len(trainer.train_loader.indices)}",
        f"Validation samples: {len(trainer.val_loader.indices)}",
        f"Batch size: {config.training.batch_size}",
        f"Batches per epoch: {len(trainer.train_loader)}",
        f"Max epochs: {config.training.max_epochs}",
        f"Threads: {torch.get_num_threads()}",
        RULE,
    )


def test_results(console: Console, content: dict[str, Any], best_epoch: int | None) -> None:
    """Say how good the best epoch is on the tested split."""
    split = content["split"]
    console.always("", f"✅ Best epoch: {best_epoch}. Metrics on {content['file']}:")
    for name in SHOWN:
        interval = content["intervals"].get(name)
        span = f"  (95%: {interval['low']:.4f} to {interval['high']:.4f})" if interval else ""
        console.always(f"   {split}_{name}: {content['metrics'][name]:.4f}{span}")


def count(parameters: Iterable[torch.nn.Parameter]) -> int:
    """Count the numbers in some parameters."""
    return sum(parameter.numel() for parameter in parameters)


class CollapseWatch(Quiet):
    """Warns, once, when nearly all validation texts are given one class."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._warned = False

    def epoch_ends(self, trainer: Trainer, result: EpochResult) -> None:
        """Look at the predictions of the validation."""
        if self._warned or trainer.last_evaluation is None:
            return
        warning = collapse(
            trainer.last_evaluation.predicted,
            trainer.class_names,
            weighted=trainer.loss.weights is not None,
        )
        if warning:
            self._warned = True
            self.console.warn(warning)
