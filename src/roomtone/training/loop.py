"""The training loop: fit, epoch, step."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from typing import Any

import torch

from roomtone.config import Config, to_tree
from roomtone.data.batches import Batch, BatchLoader
from roomtone.nets import HybridNetwork, set_generator
from roomtone.nets.products import fast_products
from roomtone.training import diagnosis, optimisation
from roomtone.training.checkpoint import BestInMemory, CheckpointFolder, best_name
from roomtone.training.evaluation import Evaluation, autocast, epoch_metrics, evaluate
from roomtone.training.half_weights import parameter_groups
from roomtone.training.interrupt import Interruption
from roomtone.training.lazy_adam import sparse_gradients
from roomtone.training.memory import memory_explained
from roomtone.training.observers import EpochResult, Observer
from roomtone.training.pending import PendingSteps, Step
from roomtone.training.progress import EpochSums, Progress
from roomtone.training.saved_state import restore
from roomtone.training.schedule import LearningRate
from roomtone.training.seeds import DROPOUT, derive


class Trainer:
    """Trains a network and stops at the best epoch.

    Everything the next step depends on is in the network, the optimiser and `progress`; the
    order of the batches and the dropout masks follow from the seed and the step's number.

    Parameters
    ----------
    network : HybridNetwork
        What is trained, on its device.
    train_loader, val_loader : BatchLoader
        What it learns from, and what chooses the best epoch.
    config : Config
        Optimisation, schedule, stopping.
    class_names : sequence of str
        Names of the classes, for the history.
    checkpoints : CheckpointFolder, optional
        Where states and best weights are kept; None keeps the best weights in memory only.
    observers : sequence of Observer
        What watches.
    optimizer : torch.optim.Optimizer, optional
        Used as it is, the rates of its groups being the peaks; else built after `config`.
    describe : callable, optional
        Gives further plain values that each saved file carries.
    """

    def __init__(
        self,
        network: HybridNetwork,
        train_loader: BatchLoader,
        val_loader: BatchLoader,
        config: Config,
        *,
        class_names: Sequence[str],
        checkpoints: CheckpointFolder | None = None,
        observers: Sequence[Observer] = (),
        optimizer: torch.optim.Optimizer | None = None,
        describe: Callable[[], dict[str, Any]] = dict,
    ) -> None:
        self.network, self.config = network, config
        self.train_loader, self.val_loader = train_loader, val_loader
        self.class_names = tuple(class_names)
        self.checkpoints: CheckpointFolder | BestInMemory = checkpoints or BestInMemory()
        self.observers, self.describe = observers, describe
        self.device = next(network.parameters()).device
        weights = optimisation.class_weights(config.training, train_loader.labels, len(class_names))
        self.loss = optimisation.WeightedLoss(weights, config.training.label_smoothing)
        self.optimizer = optimizer or optimisation.build_optimizer(config, network)
        self._groups = parameter_groups(self.optimizer, config.training, network)
        self.rate = LearningRate(config.training, len(train_loader))
        self.generator = torch.Generator(device=self.device)
        self.pending = PendingSteps(self.optimizer, self.device)
        self.progress = Progress(EpochSums.empty(len(train_loader.indices)))
        self.last_evaluation: Evaluation | None = None
        self.gradient_norm, self._saved_at = 0.0, time.monotonic()
        self._embedding_trains = network.embedding.weight.requires_grad

    @fast_products()
    def train(self) -> str:
        """Train until the epochs are used up, improvement ends, or someone interrupts.

        Returns
        -------
        str
            Why it ended: ``"max_epochs"``, ``"early_stopping"`` or ``"interrupted"``.

        Raises
        ------
        TrainingError
            If the loss or a gradient is not finite, or memory runs out.
        """
        set_generator(self.network, self.generator)
        self._embedding_trains = self.network.embedding.weight.requires_grad
        self.checkpoints.tidy(self.progress)
        if self.progress.step == 0 and not self.checkpoints.has_state:
            self._save_state()  # so that a run that is killed from here on can be resumed
        self._tell("train_begins")
        try:
            rows = sparse_gradients(self.network, self.optimizer)
            with memory_explained(self.config), self.pending, rows, Interruption() as interruption:
                while (reason := self.why_finished()) is None:
                    self._epoch(interruption)
                    if interruption.requested:
                        return "interrupted"
            return reason
        finally:
            self._freeze_embedding(False)
            self._tell("train_ends")

    def why_finished(self) -> str | None:
        """Say why training is over, or None while it is not."""
        training = self.config.training
        return self.progress.why_finished(training.max_epochs, training.early_stopping)

    def evaluate(self, loader: BatchLoader) -> Evaluation:
        """Evaluate the network as it stands."""
        precision = self.config.training.precision
        return evaluate(self.network, loader, self.loss, device=self.device, precision=precision)

    def use_best(self) -> None:
        """Put the weights of the best epoch into the network."""
        best = self.checkpoints.load_best(self.progress.best_checkpoint)
        self.network.load_state_dict(best["model_state_dict"])

    def state(self) -> dict[str, Any]:
        """Collect all that the next step depends on."""
        return {
            "model_state_dict": self.network.state_dict(),
            "optimizer_state_dict": self.optimizer.state_dict(),
            "progress": self.progress.to_dict(),
            "config": to_tree(self.config),
            **self.describe(),
        }

    def restore(self, state: dict[str, Any], *, source: str = "The state") -> None:
        """Continue from what `state` gave.

        Raises
        ------
        CheckpointError
            If it does not fit this network or this data; `source` names it.
        """
        self.progress = restore(self, state, source)

    def _epoch(self, interruption: Interruption) -> None:
        """Run an epoch, or the rest of one, or as far as someone lets it."""
        self._tell("epoch_begins")
        began = time.monotonic()
        self.network.train()
        self._freeze_embedding(self.progress.epoch < self.config.training.freeze_epochs)
        start = self.progress.batch
        epoch = self.train_loader.batches(self.progress.epoch, start=start, device=self.device)
        for batch in epoch:
            self._step(batch)
            if self.pending.due:
                self._read_steps()
            if interruption.requested:
                self._save_state()
                return
            if time.monotonic() - self._saved_at > 60 * self.config.training.checkpoint_minutes:
                self._save_state()
        self._read_steps()
        self._close_epoch(began)

    def _freeze_embedding(self, frozen: bool) -> None:
        """Fix the word vectors for now; without freezing epochs they are the caller's to fix."""
        if self.config.training.freeze_epochs:
            self.network.embedding.weight.requires_grad_(self._embedding_trains and not frozen)

    def _step(self, batch: Batch) -> None:
        """Take one optimiser step, unless it is found not to be finite."""
        training, number = self.config.training, self.progress.step + len(self.pending)
        self.generator.manual_seed(derive(self.config.seed, DROPOUT, number))
        rate = self.rate.at(number, self.progress.plateau)
        self._groups.set_rate(rate)
        moved = batch.to(self.device)
        self.network.zero_grad(set_to_none=True)
        with autocast(self.device, training.precision), self._groups.standing_in():
            logits = self.network(moved.input_ids, moved.lengths).logits
        loss, weight = self.loss(logits, moved.labels)
        loss.backward()  # type: ignore[no-untyped-call]
        norm = self._groups.clip(training.gradient_clip, wait=not self.pending.deferred)
        step = Step.of(batch.rows, rate, loss=loss, weight=weight, norm=norm, logits=logits)
        self.pending.add(step)
        if not self.pending.deferred:
            self._check(step)
        self._groups.step()

    def _check(self, step: Step) -> None:
        loss, _, norm = step.measured.tolist()
        if not (math.isfinite(loss) and math.isfinite(norm)):
            place, saved = (self.progress, len(self.train_loader)), self.checkpoints.says()
            raise diagnosis.not_finite(*place, loss=loss, norm=norm, rate=step.rate, saved=saved)

    def _read_steps(self) -> None:
        """Take the steps since the last reading into the account, and tell of each."""
        for step in self.pending.take():
            self._check(step)
            loss, weight, self.gradient_norm = step.measured.tolist()
            self.progress.add(step.rows, step.predicted.cpu().numpy(), loss, weight)
            self._tell("batch_ends", loss, len(step.rows))

    def _close_epoch(self, began: float) -> None:
        """Validate, record, keep the best, save the state."""
        progress, stopping = self.progress, self.config.training.early_stopping
        metrics = self._metrics()
        progress.epoch += 1
        progress.batch = 0
        progress.sums = EpochSums.empty(len(self.train_loader.indices))
        improved = progress.record(metrics, stopping)
        lowered = self.rate.end_epoch(progress.plateau, improved=improved)
        path = self._save_best(metrics[stopping.monitor]) if improved else None
        seconds = time.monotonic() - began
        result = EpochResult(progress.epoch, metrics, seconds, improved, path, lowered)
        # Before the state: a run killed in between tells of this epoch again, never not at all.
        self._tell("epoch_ends", result)
        self._save_state()
        self.checkpoints.tidy(progress)

    def _metrics(self) -> dict[str, float]:
        progress, names = self.progress, self.class_names
        self.last_evaluation = validated = self.evaluate(self.val_loader)
        return {
            **progress.sums.metrics(self.train_loader.labels, names),
            **epoch_metrics("val", validated.loss, validated.metrics, names),
            "learning_rate": self.rate.at(progress.step - 1, progress.plateau),
        }

    def _save_best(self, value: float) -> Any:
        progress, monitor = self.progress, self.config.training.early_stopping.monitor
        progress.best_checkpoint = best_name(progress.epoch, monitor, value)
        weights = {k: v.detach().clone().cpu() for k, v in self.network.state_dict().items()}
        content = {"model_state_dict": weights, "epoch": progress.epoch, monitor: value}
        return self.checkpoints.save_best(progress.best_checkpoint, {**content, **self.describe()})

    def _save_state(self) -> None:
        self._read_steps()
        self.checkpoints.save_state(self.state())
        self._saved_at = time.monotonic()

    def _tell(self, event: str, *details: object) -> None:
        for observer in self.observers:
            getattr(observer, event)(self, *details)
