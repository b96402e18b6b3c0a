"""A whole run: from a configuration to a trained, tested model in a folder of its own."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import torch

from roomtone.config import Config, label_scheme, save_config, to_tree
from roomtone.errors import MissingExtraError
from roomtone.nets import HybridNetwork
from roomtone.text import TOKENIZER_VERSION
from roomtone.training.building import build_network
from roomtone.training.checkpoint import CheckpointFolder
from roomtone.training.console import Console, TrainingConsole, as_typed
from roomtone.training.device import be_deterministic, choose_device, choose_threads
from roomtone.training.diagnosis import collapse
from roomtone.training.files import write_json
from roomtone.training.loop import Trainer
from roomtone.training.manifest import environment
from roomtone.training.observers import EpochResult, Observer, Quiet
from roomtone.training.preparation import Prepared, prepare
from roomtone.training.results import HistoryFile, save_model, write_history, write_test
from roomtone.training.resume import Resume
from roomtone.training.run_folder import RunFolder, new_run_folder
from roomtone.training.tensorboard import TensorBoard


@dataclass(frozen=True)
class Outcome:
    """How a run ended.

    Attributes
    ----------
    folder : RunFolder
        Where everything lies.
    stopped : str
        ``"max_epochs"``, ``"early_stopping"`` or ``"interrupted"``.
    test : dict or None
        What `test_metrics.json` holds; None where the run was interrupted.
    """

    folder: RunFolder
    stopped: str
    test: dict[str, Any] | None


class Run:
    """One run, step by step as the console shows it.

    Parameters
    ----------
    config : Config
        What to do.
    console : Console
        Where to say what happens.
    resume : Resume, optional
        The run to go on with.
    """

    def __init__(self, config: Config, console: Console, resume: Resume | None = None) -> None:
        self.console, self.resume = console, resume
        be_deterministic(config.deterministic)
        self.device = choose_device(config.device)
        threads = choose_threads(config)
        self.folder = resume.folder if resume else new_run_folder(config)
        self.config = config.model_copy(
            update={
                "device": str(self.device),
                "threads": threads,
                "experiment_name": self.folder.root.name,
            }
        )
        self.scheme = label_scheme(config)
        self.seconds: dict[str, float] = {}

    def execute(self) -> Outcome:
        """Load, build, train and test.

        Raises
        ------
        RoomtoneError
            If something cannot be used, or training cannot go on; says what and why.
        """
        self._open()
        prepared = self._timed("data", self._load)
        network, vectors = self._timed("model", lambda: self._build(prepared))
        trainer = self._set_up(network, prepared)
        stopped = self._timed("training", lambda: self._train(trainer))
        if stopped == "interrupted":
            self.console.always(
                "", f"Interrupted. Go on with: roomtone train --resume {self.folder}"
            )
            return Outcome(self.folder, stopped, None)
        test = self._timed("testing", lambda: self._test(trainer, prepared))
        self._write_manifest(trainer, prepared, vectors)
        return Outcome(self.folder, stopped, test)

    def _open(self) -> None:
        say, config = self.console.say, self.config
        self.console.heading(f"EXPERIMENT: {self.folder.root.name}")
        say(f"Output directory: {self.folder}")
        say(f"TensorBoard logs: {as_typed(config.tensorboard_dir)}", "=" * 80, "")
        save_config(config, self.folder.config)
        say(f"✅ Configuration saved to: {self.folder.config}")
        if self.resume:
            say(f"✅ Resuming from: {self.resume.path}")

    def _load(self) -> Prepared:
        self.console.heading("STEP 1: LOADING DATA")
        prepared = prepare(
            self.config, self.scheme, self.folder, self.console, resumed=self.resume is not None
        )
        if self.resume:
            self.resume.check_data(prepared.hashes, prepared.vocabulary_sha256)
        return prepared

    def _build(self, prepared: Prepared) -> tuple[HybridNetwork, dict[str, Any] | None]:
        self.console.heading("STEP 2: BUILDING MODEL")
        return build_network(
            self.config, prepared.vocabulary, self.console, resumed=self.resume is not None
        )

    def _set_up(self, network: HybridNetwork, prepared: Prepared) -> Trainer:
        self.console.heading("STEP 3: SETTING UP TRAINING")
        training = self.config.training
        trainer = Trainer(
            network.to(self.device),
            prepared.loaders["train"],
            prepared.loaders["val"],
            self.config,
            class_names=self.scheme.names,
            checkpoints=CheckpointFolder(self.folder.checkpoints),
            observers=self._observers(),
            describe=lambda: self._describe(prepared),
        )
        if self.resume:
            trainer.restore(self.resume.state)
        name = {"adam": "Adam", "adamw": "AdamW"}[training.optimizer]
        rates = f"lr={training.learning_rate}, weight_decay={training.weight_decay}"
        self.console.say("", f"✅ Optimizer: {name} ({rates})")
        self.console.say(f"✅ LR Scheduler: {trainer.rate.describe()}")
        if training.early_stopping.enabled:
            self.console.say(f"✅ Early Stopping (patience={training.early_stopping.patience})")
        self.console.say("✅ Model Checkpoint (saving best model)")
        if training.class_weights != "none" and trainer.loss.weights is not None:
            weights = ", ".join(f"{weight:.3f}" for weight in trainer.loss.weights.tolist())
            self.console.say(f"✅ Class weights: {weights}")
        return trainer

    def _observers(self) -> list[Observer]:
        observers: list[Observer] = [HistoryFile(self.folder.history)]
        if self.config.tensorboard.enabled:
            folder = self.config.tensorboard_dir / self.folder.root.name
            try:
                histograms = self.config.tensorboard.histograms
                observers.append(TensorBoard(folder, histograms=histograms))
            except MissingExtraError as error:
                self.console.warn(f"{error} Training goes on without.")
        return [*observers, TrainingConsole(self.console), _CollapseWatch(self.console)]

    def _train(self, trainer: Trainer) -> str:
        console, config = self.console, self.config
        console.heading("STEP 4: TRAINING")
        if config.tensorboard.enabled:
            runs = config.tensorboard_dir
            console.say(f"📊 TensorBoard logging to: {runs / self.folder.root.name}")
            console.say(f"   Run: tensorboard --logdir={as_typed(runs)}", "")
        parameters = list(trainer.network.parameters())
        console.say(
            f"Device: {self.device}" + (f" ({config.threads} threads)" * self._on_cpu),
            f"Model parameters: {_count(parameters):,}",
            f"Trainable parameters: {_count(p for p in parameters if p.requires_grad):,}",
            f"Training samples: {len(trainer.train_loader.indices)}",
            f"Validation samples: {len(trainer.val_loader.indices)}",
            f"Batch size: {config.training.batch_size}",
            f"Batches per epoch: {len(trainer.train_loader)}",
            f"Max epochs: {config.training.max_epochs}",
            "=" * 80,
        )
        stopped = trainer.train()
        write_history(self.folder.history, trainer, stopped=stopped)
        return stopped

    def _test(self, trainer: Trainer, prepared: Prepared) -> dict[str, Any]:
        self.console.heading("STEP 5: TESTING")
        trainer.use_best()
        save_model(self.folder.final_model, trainer)
        split = "test" if "test" in prepared.loaders else "val"
        evaluation = trainer.evaluate(prepared.loaders[split])
        content = write_test(
            self.folder,
            split,
            prepared.datasets[split],
            evaluation,
            warnings=prepared.report.warnings,
            seed=self.config.seed,
        )
        say = self.console.always
        say(
            "",
            f"✅ Best epoch {trainer.progress.best_epoch} on {prepared.datasets[split].source.path}:",
        )
        for name in ("accuracy", "f1_macro", "recall_macro", "cohen_kappa", "ece"):
            interval = content["intervals"].get(name)
            span = f"  (95% {interval['low']:.4f} to {interval['high']:.4f})" if interval else ""
            say(f"   {split}_{name}: {content['metrics'][name]:.4f}{span}")
        say("", f"✅ Final model saved to: {self.folder.final_model}")
        return content

    def _describe(self, prepared: Prepared) -> dict[str, Any]:
        """Collect what each saved file carries besides weights; no times and no output paths."""
        tree = to_tree(self.config)
        return {
            "format": 1,
            "model": tree["model"],
            "class_names": list(self.scheme.names),
            "vocabulary_size": len(prepared.vocabulary),
            "vocabulary_sha256": prepared.vocabulary_sha256,
            "tokenizer_version": TOKENIZER_VERSION,
            "data": prepared.hashes,
            "seed": self.config.seed,
        }

    def _write_manifest(
        self, trainer: Trainer, prepared: Prepared, vectors: dict[str, Any] | None
    ) -> None:
        data = {
            split: {"file": str(d.source.path), "sha256": d.source.sha256, "rows": len(d)}
            for split, d in prepared.datasets.items()
        }
        content = {
            **environment(self.device),
            "seed": self.config.seed,
            "device": str(self.device),
            "threads": self.config.threads,
            "parameters": _count(trainer.network.parameters()),
            "data": data,
            "vectors": vectors,
            "wall_seconds": {name: round(value, 3) for name, value in self.seconds.items()},
        }
        write_json(self.folder.manifest, content)

    def _timed(self, name: str, work: Any) -> Any:
        began = time.monotonic()
        result = work()
        self.seconds[name] = time.monotonic() - began
        return result

    @property
    def _on_cpu(self) -> bool:
        return self.device.type == "cpu"


class _CollapseWatch(Quiet):
    """Warns, once, when nearly all validation texts are given one class."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._warned = False

    def epoch_ends(self, trainer: Trainer, result: EpochResult) -> None:
        if self._warned or trainer.last_evaluation is None:
            return
        weighted = trainer.loss.weights is not None
        warning = collapse(
            trainer.last_evaluation.predicted, trainer.class_names, weighted=weighted
        )
        if warning:
            self._warned = True
            self.console.warn(warning)


def _count(parameters: Any) -> int:
    return sum(p.numel() for p in parameters)
