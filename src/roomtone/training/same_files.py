"""Making sure that a resumed run finds the files that it was started with."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import file_digest
from pathlib import Path
from typing import Any

from roomtone.errors import CheckpointError


def check_same_files(state: Mapping[str, Any], data: Mapping[str, Path], vocabulary: Path) -> None:
    """Compare the files of texts and the vocabulary with those that the run was started with.

    Parameters
    ----------
    state : mapping
        Holds the sha256 of each: ``data`` by split, and ``vocabulary_sha256``.
    data : mapping of str to Path
        The file of each split.
    vocabulary : Path
        The vocabulary of the run.

    Raises
    ------
    CheckpointError
        With every file that is missing, or every one that has changed.
    """
    now = _digests(data, vocabulary)
    before = state["data"]
    changed = [split for split in before if now.get(split) != before[split]]
    if changed:
        raise CheckpointError(
            f"the {' and '.join(changed)} file has changed since the run was started, so that it "
            "cannot go on exactly; put the old file back, or start a new run with --init_from"
        )
    if now["vocabulary"] != state["vocabulary_sha256"]:
        raise CheckpointError(
            f"{vocabulary} is not the vocabulary that the run was started with; put that one back"
        )


def _digests(data: Mapping[str, Path], vocabulary: Path) -> dict[str, str]:
    """Compute the sha256 of each file, or say which ones cannot be read, all of them at once."""
    digests, unread = {}, []
    for name, path in {**data, "vocabulary": vocabulary}.items():
        try:
            with path.open("rb") as stream:
                digests[name] = file_digest(stream, "sha256").hexdigest()
        except OSError as error:
            way = (
                "it is part of the run, so put it back"
                if path == vocabulary
                else f"if it has moved, name its new place with --{name}_csv"
            )
            unread.append(f"  - {path}: cannot be read: {error.strerror}; {way}")
    if unread:
        raise CheckpointError("\n".join(["it needs the files as they were:", *unread]))
    return digests
