"""Errors that a user can act on: each says what was wrong, what was expected and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from importlib import import_module
from types import ModuleType


class RoomtoneError(Exception):
    """The base of every error that roomtone raises on purpose; its text is meant for the user."""


class ConfigError(RoomtoneError):
    """One or more mistakes in a configuration, all of them at once.

    Attributes
    ----------
    problems : tuple of str
        One line for each mistake: where it is, what was found, what is allowed.
    """

    def __init__(self, problems: Iterable[str], *, source: str = "configuration") -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        heading = f"{count} problem{'s' if count != 1 else ''} in the {source}:"
        super().__init__("\n".join([heading, *(f"  - {line}" for line in self.problems)]))


class DataError(RoomtoneError):
    """A file of comments, vectors or labels that cannot be used as it is."""


class CheckpointError(RoomtoneError):
    """A checkpoint, vocabulary or model file that is damaged, foreign or unsafe."""


class TrainingError(RoomtoneError):
    """Training cannot go on: the loss is not finite, or memory has run out."""


class MissingExtraError(RoomtoneError):
    """An optional package is needed and absent."""


def nearest(word: str, known: Iterable[str]) -> str:
    """Suggest the known name nearest to a mistyped one.

    Parameters
    ----------
    word : str
        What the user typed.
    known : iterable of str
        The names that are valid here.

    Returns
    -------
    str
        ``"; did you mean 'batch_size'?"``, or an empty string if nothing is near.
    """
    names = {name.lower(): name for name in known}
    matches = get_close_matches(word.lower(), names, n=1, cutoff=0.6)
    return f"; did you mean {names[matches[0]]!r}?" if matches else ""


def require(module: str, *, extra: str, purpose: str) -> ModuleType:
    """Import an optional package, or say exactly how to get it.

    Parameters
    ----------
    module : str
        Dotted name of the module to import.
    extra : str
        The extra of roomtone that installs it.
    purpose : str
        What needs it, as the subject of a sentence: ``"Training"``.

    Raises
    ------
    MissingExtraError
        If the module is not installed.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or module.partition(".")[0] != error.name.partition(".")[0]:
            raise
        raise MissingExtraError(
            f"{purpose} needs the package {error.name!r}, which is not installed. "
            f"Install it with: pip install 'roomtone[{extra}]'"
        ) from None
