"""Finding the run, and the state in it, that `--resume` names."""

from __future__ import annotations

import os
from pathlib import Path

from roomtone.errors import CheckpointError
from roomtone.training.checkpoint import find_state
from roomtone.training.run_folder import RunFolder

FOLDER = "checkpoints"


def locate(path: Path) -> tuple[RunFolder, Path]:
    """Find the state to resume from and the folder of its run.

    Parameters
    ----------
    path : Path
        The folder of a run, its `checkpoints`, a state in it, or a link to any of these.

    Returns
    -------
    folder : RunFolder
        As it was typed where that ends in its name, else absolute.
    state : Path
        The file in that folder.

    Raises
    ------
    CheckpointError
        If there is no state, or it lies in no run.
    """
    found = find_state(path)
    place = _absolute(found)
    if place.parent.name != FOLDER:
        raise CheckpointError(
            f"--resume {path}: expected a checkpoint in the `{FOLDER}` folder of its run"
        )
    root, typed = place.parent.parent, found.parent.parent
    if root.is_symlink():  # the run keeps its own name, not that of the link
        root = root.resolve()
    shows = found.parent.name == FOLDER and typed.name == root.name
    folder = RunFolder(typed if shows else root)
    return folder, folder.checkpoints / place.name


def _absolute(found: Path) -> Path:
    """Make the path absolute, following links where else it would not lie in a run.

    A folder `checkpoints` that is a link itself, to a larger disk say, stays as it is.
    """
    plain = Path(os.path.abspath(found))
    if found.is_symlink() or ".." in found.parts or plain.parent.name != FOLDER:
        resolved = found.resolve()
        return resolved if resolved.parent.name == FOLDER else plain
    return plain
