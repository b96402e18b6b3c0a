"""Going on with a run: its configuration, and what may be changed in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import Any

from roomtone.config import Config, load_config, to_tree
from roomtone.config.tree import LEAVES, get, put
from roomtone.errors import CheckpointError, ConfigError
from roomtone.training.checkpoint import find_state, load_state
from roomtone.training.run_folder import RunFolder

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
SETTLED = {"experiment_name", "output_dir", "tensorboard_dir", "threads", "device"}
# A file may have moved; that its content is the same is checked by its hash.
FILES = {"train_csv", "val_csv", "test_csv", "vocab_path", "init_from", "embeddings.path"}
# What a checkpoint of a whole run holds.
NEEDED = {"config", "data", "model_state_dict", "optimizer_state_dict", "progress", "vectors"}
NEEDED |= {"vocabulary_sha256"}


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
        found = find_state(path)
        if found.parent.name != "checkpoints":
            raise CheckpointError(
                f"--resume {path}: expected a checkpoint in the `checkpoints` folder of its run"
            )
        state = load_state(found)
        missing = sorted(NEEDED - state.keys())
        if missing:
            raise CheckpointError(
                f"{found} was not written by `roomtone train`: it lacks {', '.join(missing)}"
            )
        return cls(found, RunFolder(found.parent.parent), state)

    def configure(self, path: Path | None, flags: Mapping[str, str], sets: Sequence[str]) -> Config:
        """Lay what was typed over the run's own configuration.

        Raises
        ------
        ConfigError
            If a key was given another value that a resumed run cannot take.
        """
        saved: dict[str, Any] = self.state["config"]
        if path is None:
            wanted = load_config(tree=saved, flags=flags, sets=sets, check_files=False)
        else:
            wanted = load_config(path, flags=flags, sets=sets, check_files=False)
        tree = to_tree(wanted)
        problems = []
        for key in LEAVES:
            before, now = get(saved, key), get(tree, key)
            if key in SETTLED and not (path is None and now != before):
                put(tree, key, before)
            elif now != before and key not in CHANGEABLE | SETTLED | FILES:
                problems.append(
                    f"{key}: found {now!r}, but the run was started with {before!r}; "
                    "a resumed run can only change its epochs, patience and reporting"
                )
        if problems:
            raise ConfigError(problems, source=f"changes to the run in {self.folder}")
        return load_config(tree=tree, check_files=False)

    def check_data(self, files: Mapping[str, Path]) -> None:
        """Make sure that the data is what the run was started with, before anything is written.

        Parameters
        ----------
        files : mapping of str to Path
            The file of each split.

        Raises
        ------
        CheckpointError
            If a file of texts or the vocabulary has changed since.
        """
        before = self.state["data"]
        now = {split: _sha256(path, f"--{split}_csv") for split, path in files.items()}
        changed = [split for split in before if now.get(split) != before[split]]
        if changed:
            raise CheckpointError(
                f"--resume {self.path}: the {' and '.join(changed)} file has changed since the "
                "run was started, so that it cannot go on exactly; put the old file back, or "
                "start a new run with --init_from"
            )
        vocabulary = self.folder.vocabulary_json
        if _sha256(vocabulary, "--resume") != self.state["vocabulary_sha256"]:
            raise CheckpointError(
                f"--resume {self.path}: {vocabulary} is not the vocabulary "
                "that the run was started with"
            )


def _sha256(path: Path, flag: str) -> str:
    try:
        with path.open("rb") as stream:
            return file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise CheckpointError(
            f"{path}: cannot be read: {error.strerror}; a resumed run needs the file as it was "
            f"(if it has moved, name its new place with {flag})"
        ) from None
