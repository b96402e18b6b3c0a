"""What the benchmarks have in common at the terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable

from rich.console import Console

from roomtone.errors import RoomtoneError

WIDTH = 190


def wide_console() -> Console:
    """Open a console whose tables are not squeezed where the output goes to a file."""
    console = Console(highlight=False, soft_wrap=True)
    if console.is_terminal:
        return console
    return Console(highlight=False, soft_wrap=True, width=WIDTH)


def run(main: Callable[[], None]) -> None:
    """Run a script; what the library refuses ends it with that message alone."""
    try:
        main()
    except RoomtoneError as error:
        sys.exit(f"error: {error}")
