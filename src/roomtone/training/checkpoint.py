"""The checkpoints of a run: the last state, the one before it, and the best epoch's weights."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import Any

from roomtone.errors import CheckpointError
from roomtone.training.files import load_tensors, save_tensors
from roomtone.training.progress import Progress

LAST, PREVIOUS = "last.pt", "previous.pt"
STATE_KIND, BEST_KIND = "training state", "best weights"
BEST_NAME = re.compile(r"hybrid_epoch(\d+)_[^/\\]+\.pt")


class CheckpointFolder:
    """Keeps the checkpoints of one run, each written whole or not at all.

    Parameters
    ----------
    folder : Path
        ``checkpoints/`` in the run's folder; made where it is missing.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._before = folder / LAST

    @property
    def has_state(self) -> bool:
        """Whether a run could be resumed from here."""
        return any((self.folder / name).is_file() for name in (LAST, PREVIOUS))

    def says(self) -> str:
        """Say what is kept; the state from before the first step is worth no word."""
        if has_progress(self.folder):
            return f"The last good checkpoint is in {self.folder}."
        return "No checkpoint had been written yet."

    def save_state(self, state: dict[str, Any]) -> Path:
        """Write the last state, and keep the one before it under another name."""
        last, previous = self.folder / LAST, self.folder / PREVIOUS
        if self._before.exists() and self._before.name != PREVIOUS:
            _keep(self._before, previous)
        save_tensors(last, {"kind": STATE_KIND, **state})
        self._before = last
        return last

    def go_back_to(self, state: Path) -> None:
        """Let the next state follow another one than the last; until then nothing changes.

        A damaged last state is then never kept as the one before, and a sound one stays until
        another takes its place.
        """
        self._before = state

    def save_best(self, name: str, content: dict[str, Any]) -> Path:
        """Write the weights of the best epoch so far."""
        path = self.folder / name
        save_tensors(path, {"kind": BEST_KIND, **content})
        return path

    def load_best(self, name: str | None) -> dict[str, Any]:
        """Read the weights of the best epoch.

        Raises
        ------
        CheckpointError
            If the file is missing or damaged.
        """
        if name is None:
            raise CheckpointError(f"{self.folder}: no epoch has been finished yet")
        return load_tensors(self.folder / name, kind=BEST_KIND)

    def tidy(self, progress: Progress) -> None:
        """Remove best epochs that neither of the two states names, and half-written files.

        Two states that follow each other lie at most one epoch apart. So the one before names
        another best epoch only where the last epoch is the best: then the best one before that.
        A later epoch than the last state's was written by a run that was killed before it saved
        its state, or that has been taken back; it stays until the epoch is finished again.
        """
        for path in self.folder.glob(".*.part"):
            path.unlink(missing_ok=True)
        old = [
            (epoch, path)
            for path in self.folder.iterdir()
            if (epoch := _epoch_of(path.name)) is not None
            and epoch <= progress.epoch
            and path.name != progress.best_checkpoint
        ]
        earlier = [(epoch, path) for epoch, path in old if epoch < progress.epoch]
        if earlier and progress.best_epoch == progress.epoch:
            old.remove(max(earlier))
        for _, path in old:
            path.unlink(missing_ok=True)


class BestInMemory:
    """Stands in for the folder where nothing is written: keeps the best weights only."""

    has_state = False

    def __init__(self) -> None:
        self._best: dict[str, Any] = {}

    def says(self) -> str:
        """Say that nothing is kept."""
        return "Checkpoints are not written here."

    def save_state(self, state: dict[str, Any]) -> None:
        """Do nothing."""

    def save_best(self, name: str, content: dict[str, Any]) -> None:
        """Keep the weights of the best epoch so far."""
        self._best = content

    def load_best(self, name: str | None) -> dict[str, Any]:
        """Give back the weights of the best epoch."""
        return self._best

    def tidy(self, progress: Progress) -> None:
        """Do nothing."""


def has_progress(folder: Path) -> bool:
    """Tell whether a folder holds more than the state from before the first step."""
    return (folder / PREVIOUS).is_file()


def find_state(path: Path) -> Path:
    """Find the checkpoint to resume from: the file itself, or the last one of a run's folder.

    Raises
    ------
    CheckpointError
        If there is none.
    """
    if path.is_file():
        return path
    for folder in (path, path / "checkpoints"):
        for name in (LAST, PREVIOUS):
            if (folder / name).is_file():
                return folder / name
    hint = f"; {path.parent / PREVIOUS} is there" if (path.parent / PREVIOUS).is_file() else ""
    if (path / "config.yaml").is_file():
        hint = (
            "; it was stopped before its first one, so start it again: "
            f"roomtone train --config {path / 'config.yaml'}"
        )
    raise CheckpointError(
        f"--resume {path}: expected a checkpoint, or the folder of a run that holds "
        f"checkpoints/{LAST}{hint}"
    )


def load_state(path: Path) -> dict[str, Any]:
    """Read a training state.

    Raises
    ------
    CheckpointError
        If it cannot be used; names another one to try where that is there.
    """
    try:
        return load_tensors(path, kind=STATE_KIND)
    except CheckpointError as error:
        others = {LAST: (PREVIOUS,), PREVIOUS: ()}.get(path.name, (LAST, PREVIOUS))
        for other in map(path.with_name, others):
            if other.is_file():
                raise CheckpointError(
                    f"{error}\nTry the state beside it: --resume {other}"
                ) from None
        raise


def best_name(epoch: int, monitor: str, value: float) -> str:
    """Name the best epoch's file by the metric that chose it: ``hybrid_epoch01_f10.6423.pt``."""
    short = monitor.split("_", 1)[1].removesuffix("_macro")
    return f"hybrid_epoch{epoch:02d}_{short}{value:.4f}.pt"


def _epoch_of(name: str) -> int | None:
    """Tell the epoch of a best epoch's file; None for any other file."""
    match = BEST_NAME.fullmatch(name)
    return None if match is None else int(match[1])


def _keep(source: Path, target: Path) -> None:
    """Give a file a second name at once; copy it where the file system has no links."""
    temporary = target.with_name(f".{target.name}.part")
    temporary.unlink(missing_ok=True)
    try:
        os.link(source, temporary)
    except OSError:
        shutil.copyfile(source, temporary)
    temporary.replace(target)
