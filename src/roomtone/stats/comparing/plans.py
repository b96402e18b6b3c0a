"""A test that was chosen, and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from roomtone.errors import DataError, nearest
from roomtone.stats.comparing.result import Finding


@dataclass(frozen=True)
class Options:
    """What the caller decided; see :func:`roomtone.stats.choosing.compare`."""

    method: str | None
    confidence: float
    rope: float
    resamples: int
    seed: int
    comparisons: int


@dataclass(frozen=True)
class Plan:
    """A test that was chosen.

    Attributes
    ----------
    method : str
        Of each pair.
    reasons : tuple of str
        Why this test; sentences.
    pair : callable
        From the names of a model and of the reference to what the test found.
    overall : tuple of str and callable, optional
        A test of all models at once, and its name.
    """

    method: str
    reasons: tuple[str, ...]
    pair: Callable[[str, str], Finding]
    overall: tuple[str, Callable[[], Finding]] | None = None


def choose(asked: str | None, known: tuple[str, ...]) -> str:
    """Return the method asked for, or the first of those that the evidence allows.

    Raises
    ------
    DataError
        If the one asked for is not among them.
    """
    if asked is not None and asked not in known:
        raise DataError(
            f"method {asked!r} is not one for this evidence (known: {', '.join(known)})"
            f"{nearest(asked, known)}"
        )
    return asked or known[0]
