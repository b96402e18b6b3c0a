"""An argument parser whose mistakes are one line with the nearest valid name."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

from roomtone.errors import RoomtoneError, nearest


class UsageError(RoomtoneError):
    """The command line names a verb, flag or value that does not exist."""


class Parser(argparse.ArgumentParser):
    """A parser that takes flags by their full name and raises `UsageError` on a mistake.

    Full names alone: an abbreviation that works today becomes ambiguous with the next flag.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"allow_abbrev": False, **options})

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str], namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Parse, unknown flags first: else a mistyped required one is reported as missing.

        Raises
        ------
        UsageError
            If a flag, a value or their number is not valid.
        """
        for flag in _flags(args):
            if flag not in self._option_string_actions:
                self.error(f"unknown flag {flag!r}{nearest(flag, self._option_string_actions)}")
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        """Refuse the command line, and say where its help is."""
        raise UsageError(f"{message} (see: {self.prog} --help)")


def listed(text: str | None) -> list[str]:
    """Part what was typed at its commas; blanks around a name, and empty names, are dropped."""
    return [name for part in (text or "").split(",") if (name := part.strip())]


def at_least(least: int, **typed: int | None) -> None:
    """Refuse numbers below the least.

    Parameters
    ----------
    least : int
        The least number that is allowed.
    **typed : int or None
        What was typed, by the name of its flag; None where nothing was.

    Raises
    ------
    UsageError
        If one is below it.
    """
    for name, value in typed.items():
        if value is not None and value < least:
            raise UsageError(f"--{name} {value}: expected {least} or more")


def _flags(arguments: Iterable[str]) -> Iterable[str]:
    """Name the long flags that were typed, without values; none after a lone ``--``."""
    for argument in arguments:
        if argument == "--":
            return
        if argument.startswith("--"):
            yield argument.partition("=")[0]
