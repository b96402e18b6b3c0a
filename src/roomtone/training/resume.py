"""Going on with a run: its configuration, and what may be changed in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from roomtone.config import Config, load_config, to_tree
from roomtone.config.overrides import apply_overrides
from roomtone.config.tree import LEAVES, get, put
from roomtone.errors import CheckpointError, ConfigError
from roomtone.training.checkpoint import load_state
from roomtone.training.locate import locate
from roomtone.training.run_folder import RunFolder
from roomtone.training.same_files import check_same_files
from roomtone.training.saved_state import check_best, check_state

CHANGEABLE = {
    "training.max_epochs",
    "training.early_stopping.enabled",
    "training.early_stopping.patience",
    "training.early_stopping.min_delta",
    "training.log_every",
    "training.checkpoint_minutes",
    "tensorboard.enabled",
    "tensorboard.histograms",
    "data.max_rejected",
    "num_workers",
    "deterministic",
}
# What the run itself settled: asked for again only where it was typed.
SETTLED = {"tensorboard_dir", "threads", "device"}
# Where the run lies; it stays there.
PLACE = {"output_dir", "experiment_name"}
# A file may have moved; that its content is the same is checked by its hash.
FILES = {"train_csv", "val_csv", "test_csv", "vocab_path", "init_from", "embeddings.path"}
# What the last bits of each step depend on besides the settings that cannot be changed.
MACHINE = ("device", "threads", "deterministic")


@dataclass(frozen=True)
class Resume:
    """A run to go on with.

    Attributes
    ----------
    path : Path
        The checkpoint.
    folder : RunFolder
        The run's folder.
    state : dict
        What the checkpoint holds.
    """

    path: Path
    folder: RunFolder
    state: dict[str, Any]

    @classmethod
    def open(cls, path: Path) -> Resume:
        """Open a checkpoint, or the last one of a run's folder.

        Raises
        ------
        CheckpointError
            If there is none that can be used.
        """
        folder, found = locate(path)
        state = load_state(found)
        check_state(state, found)
        check_best(state, found)
        return cls(found, folder, state)

    def configure(self, path: Path | None, flags: Mapping[str, str], sets: Sequence[str]) -> Config:
        """Lay what was typed over the run's own configuration.

        Raises
        ------
        ConfigError
            If a key was given another value that a resumed run cannot take.
        """
        # A key that the run's version did not know had its default.
        saved = to_tree(load_config(tree=self.state["config"], check_files=False))
        if path is None:
            wanted = load_config(tree=saved, flags=flags, sets=sets, check_files=False)
        else:
            wanted = load_config(path, flags=flags, sets=sets, check_files=False)
        typed, _ = apply_overrides({}, flags, sets)
        tree = to_tree(wanted)
        problems = self._moves(wanted, typed)
        for key in LEAVES:
            before, now = get(saved, key), get(tree, key)
            if key in PLACE or (key in SETTLED and key not in typed):
                put(tree, key, before)
            elif now != before and key not in CHANGEABLE | SETTLED | FILES:
                problems.append(
                    f"{key}: found {now!r}, but the run was started with {before!r}; "
                    "a resumed run can only change its epochs, patience and reporting"
                )
        if problems:
            raise ConfigError(problems, source=f"changes to the run in {self.folder}")
        put(tree, "experiment_name", self.folder.root.name)
        return load_config(tree=tree, check_files=False)

    def _moves(self, wanted: Config, typed: Mapping[str, str]) -> list[str]:
        """List what was typed that would put the run elsewhere."""
        root = self.folder.root.absolute()
        moves = {
            "output_dir": wanted.output_dir.resolve() != root.parent.resolve(),
            "experiment_name": wanted.experiment_name != root.name,
        }
        return [
            f"{typed[key]}: found {str(getattr(wanted, key))!r}, but the run lies in {root}; "
            "a resumed run stays in its folder: leave this out, or move the folder first"
            for key, moved in moves.items()
            if moved and key in typed
        ]

    def differences(self, config: Config) -> list[str]:
        """Say in what the machine's settings differ from those that the run had so far.

        Parameters
        ----------
        config : Config
            What is in force: its device and number of threads are those chosen.
        """
        before, now = self.state["config"], to_tree(config)
        return [
            f"{key}: {get(now, key)}, but the run was started with {get(before, key)}; "
            "it goes on, but may not end with the same bytes as an undisturbed run"
            for key in MACHINE
            if get(now, key) != get(before, key)
        ]

    def check_data(self, files: Mapping[str, Path]) -> None:
        """Make sure that the data is what the run was started with, before anything is written.

        Parameters
        ----------
        files : mapping of str to Path
            The file of each split.

        Raises
        ------
        CheckpointError
            If a file of texts or the vocabulary is gone, or has changed since.
        """
        try:
            check_same_files(self.state, files, self.folder.vocabulary_json)
        except CheckpointError as error:
            raise CheckpointError(f"--resume {self.path}: {error}") from None
