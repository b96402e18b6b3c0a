"""A whole run: from a configuration to a trained, tested model in a folder of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from roomtone.config import Config, label_scheme, save_config
from roomtone.files import write_json
from roomtone.nets import HybridNetwork, kernels, products
from roomtone.training import account
from roomtone.training.building import build_network
from roomtone.training.checkpoint import CheckpointFolder
from roomtone.training.console import Console, TrainingConsole
from roomtone.training.device import be_deterministic, choose_device, choose_threads
from roomtone.training.evaluation import Evaluation
from roomtone.training.loop import Trainer
from roomtone.training.manifest import environment
from roomtone.training.memory import memory_explained
from roomtone.training.observers import Observer
from roomtone.training.preparation import Prepared, prepare, split_files
from roomtone.training.results import (
    model_facts,
    recorders,
    save_model,
    write_history,
    write_test,
)
from roomtone.training.resume import Resume
from roomtone.training.run_folder import RunFolder, new_run_folder

Result = TypeVar("Result")


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
        What `test_metrics.json` holds; None where the run was interrupted, as are the next two.
    evaluation : Evaluation or None
        What the best epoch says of the tested rows.
    labels : ndarray of int64, shape [rows], or None
        Their true classes.
    """

    folder: RunFolder
    stopped: str
    test: dict[str, Any] | None
    evaluation: Evaluation | None = None
    labels: NDArray[np.int64] | None = None


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
    observers : sequence of Observer
        What watches the training besides the history, the console and TensorBoard.
    """

    def __init__(
        self,
        config: Config,
        console: Console,
        resume: Resume | None = None,
        *,
        observers: Sequence[Observer] = (),
    ) -> None:
        self.console, self.resume, self.observers = console, resume, observers
        be_deterministic(config.deterministic)
        self.device = choose_device(config.device)
        threads = choose_threads(config)
        self.folder = resume.folder if resume else new_run_folder(config, reuse=True)
        settled = {"device": str(self.device), "threads": threads}
        self.config = config.model_copy(
            update={**settled, "experiment_name": self.folder.root.name}
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
        with self.folder.claimed(), memory_explained(self.config):
            account.opening(self.console, self.folder, self.config)
            if self.resume:
                return self._execute()
            with self.folder.removed_unless_trained():
                return self._execute()

    def _execute(self) -> Outcome:
        if self.resume:
            self.resume.check_data(split_files(self.config))
        save_config(self.config, self.folder.config)
        self.console.say(f"✅ Configuration saved to: {self.folder.config}")
        if self.resume:
            self.console.say(f"✅ Resuming from: {self.resume.path}")
            for difference in self.resume.differences(self.config):
                self.console.warn(difference)
        prepared = self._timed("data", self._load)
        network, vectors = self._timed("model", lambda: self._build(prepared))
        trainer = self._set_up(network, prepared, vectors)
        stopped = self._timed("training", lambda: self._train(trainer))
        if stopped == "interrupted":
            command = f"roomtone train --resume {self.folder}"
            self.console.always("", f"Interrupted, and saved. Go on with: {command}")
            return Outcome(self.folder, stopped, None)
        test, evaluation, labels = self._timed("testing", lambda: self._test(trainer, prepared))
        write_json(self.folder.manifest, self._manifest(trainer, prepared, vectors))
        return Outcome(self.folder, stopped, test, evaluation, labels)

    def _load(self) -> Prepared:
        self.console.heading("STEP 1: LOADING DATA")
        resumed = self.resume is not None
        return prepare(self.config, self.scheme, self.folder, self.console, resumed=resumed)

    def _build(self, prepared: Prepared) -> tuple[HybridNetwork, dict[str, Any] | None]:
        self.console.heading("STEP 2: BUILDING MODEL")
        if self.resume:
            network, _ = build_network(self.config, prepared.vocabulary, self.console, fresh=False)
            return network, self.resume.state["vectors"]
        return build_network(self.config, prepared.vocabulary, self.console, fresh=True)

    def _set_up(
        self, network: HybridNetwork, prepared: Prepared, vectors: dict[str, Any] | None
    ) -> Trainer:
        self.console.heading("STEP 3: SETTING UP TRAINING")
        checkpoints = CheckpointFolder(self.folder.checkpoints)
        trainer = Trainer(
            network.to(self.device),
            prepared.loaders["train"],
            prepared.loaders["val"],
            self.config,
            class_names=self.scheme.names,
            checkpoints=checkpoints,
            observers=self._observers(),
            describe=lambda: self._describe(prepared, vectors),
        )
        if self.resume:
            trainer.restore(self.resume.state, source=str(self.resume.path))
            checkpoints.go_back_to(self.resume.path)
        account.set_up(self.console, trainer)
        return trainer

    def _observers(self) -> list[Observer]:
        return [
            *recorders(self.config, self.folder, self.console),
            TrainingConsole(self.console),
            account.CollapseWatch(self.console),
            *self.observers,
        ]

    def _train(self, trainer: Trainer) -> str:
        self.console.heading("STEP 4: TRAINING")
        account.sizes(self.console, trainer, self.folder)
        stopped = trainer.train()
        write_history(self.folder.history, trainer, stopped=stopped)
        return stopped

    def _test(
        self, trainer: Trainer, prepared: Prepared
    ) -> tuple[dict[str, Any], Evaluation, NDArray[np.int64]]:
        self.console.heading("STEP 5: TESTING")
        trainer.use_best()
        save_model(self.folder.final_model, trainer)
        split = "test" if "test" in prepared.loaders else "val"
        rows, evaluation = prepared.datasets[split], trainer.evaluate(prepared.loaders[split])
        content = write_test(
            self.folder,
            split,
            rows,
            evaluation,
            warnings=prepared.report.leakage_warnings(split),
            seed=self.config.seed,
        )
        account.test_results(self.console, content, trainer.progress.best_epoch)
        self.console.say("", f"✅ Final model saved to: {self.folder.final_model}")
        return content, evaluation, np.asarray(rows.labels)

    def _describe(self, prepared: Prepared, vectors: dict[str, Any] | None) -> dict[str, Any]:
        return model_facts(
            self.config,
            self.scheme.names,
            prepared.vocabulary,
            digest=prepared.vocabulary_sha256,
            data=prepared.hashes,
            vectors=vectors,
        )

    def _manifest(
        self, trainer: Trainer, prepared: Prepared, vectors: dict[str, Any] | None
    ) -> dict[str, Any]:
        data = {
            split: {"file": str(d.source.path), "sha256": d.source.sha256, "rows": len(d)}
            for split, d in prepared.datasets.items()
        }
        return {
            **environment(self.device),
            "seed": self.config.seed,
            "device": str(self.device),
            "threads": self.config.threads,
            "lstm": kernels.describe() if self.device.type == "cpu" else "PyTorch LSTM",
            "products": products.describe() if self.device.type == "cpu" else "PyTorch's choice",
            "parameters": account.count(trainer.network.parameters()),
            "trainable_parameters": account.count(
                p for p in trainer.network.parameters() if p.requires_grad
            ),
            "data": data,
            "vectors": vectors,
            "wall_seconds": {name: round(value, 3) for name, value in self.seconds.items()},
        }

    def _timed(self, name: str, work: Callable[[], Result]) -> Result:
        began = time.monotonic()
        result = work()
        self.seconds[name] = time.monotonic() - began
        return result
