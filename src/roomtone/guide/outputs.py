"""The folder that a training by script leaves, like that of a run."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from roomtone.config import Config, save_config
from roomtone.text import Vocabulary
from roomtone.training.checkpoint import CheckpointFolder
from roomtone.training.console import Console
from roomtone.training.loop import Trainer
from roomtone.training.observers import Observer
from roomtone.training.results import model_facts, recorders, save_model, write_history
from roomtone.training.run_folder import new_run_folder


class Outputs:
    """Configuration, vocabulary, checkpoints, history and model of one training.

    Parameters
    ----------
    config : Config
        The settings in force; names the folder.
    class_names : sequence of str
        Names of the classes.
    vocab : Vocabulary
        The vocabulary of the texts.
    console : Console
        Where to say what is written.

    Raises
    ------
    ConfigError
        If the folder holds a run already.
    """

    def __init__(
        self, config: Config, class_names: Sequence[str], vocab: Vocabulary, console: Console
    ) -> None:
        self.folder = new_run_folder(config)
        self._config, self._class_names = config, tuple(class_names)
        self._vocab, self._console = vocab, console
        save_config(config, self.folder.config)
        vocab.save(self.folder.vocabulary)
        self._digest = sha256(self.folder.vocabulary_json.read_bytes()).hexdigest()

    def checkpoints(self) -> CheckpointFolder:
        """Make the folder of the checkpoints."""
        return CheckpointFolder(self.folder.checkpoints)

    def observers(self) -> list[Observer]:
        """Choose what records the epochs."""
        return recorders(self._config, self.folder, self._console)

    def describe(self) -> dict[str, Any]:
        """Collect what each saved file carries besides weights."""
        return model_facts(
            self._config,
            self._class_names,
            self._vocab,
            digest=self._digest,
            data={},
            vectors=None,
        )

    def close(self, trainer: Trainer, stopped: str) -> None:
        """Write the model, its best epoch in force, and why the training ended."""
        write_history(self.folder.history, trainer, stopped=stopped)
        save_model(self.folder.final_model, trainer)
        self._console.say("", f"✅ Final model saved to: {self.folder.final_model}")
