"""How far a cross-validation is, with a line for each finished cell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.progress import MofNCompleteColumn

from roomtone.cli.progress import ShownProgress, clock
from roomtone.training.console import Console

if TYPE_CHECKING:
    from roomtone.experiments.record import Cell


class CellProgress(ShownProgress):
    """Shows each finished cell, how many there are, and the time left.

    Parameters
    ----------
    console : Console
        Where to.
    jobs : int
        How many are computed at once.

    Attributes
    ----------
    done, total : int
        Finished cells, and all of them.
    """

    def __init__(self, console: Console, jobs: int) -> None:
        super().__init__(console, MofNCompleteColumn())
        self._jobs = jobs
        self._seconds: defaultdict[str, list[float]] = defaultdict(list)
        self.done = self.total = 0

    def update(self, cell: Cell | None, pending: Mapping[str, int], total: int) -> None:
        """Show a finished cell.

        Parameters
        ----------
        cell : Cell or None
            None at the beginning.
        pending : mapping of str to int
            How many cells of each model are still to be computed.
        total : int
            All cells.
        """
        self.total, self.done = total, total - sum(pending.values())
        if cell is not None:
            self._seconds[cell.model].append(cell.seconds)
        left = self.left(pending)
        shown = "" if left is None else f", {clock(left)} left"
        self.show(self.done, total, shown.lstrip(", "))
        if cell is not None:
            again = f", repeat {cell.repeat + 1}" if cell.repeat else ""
            self.console.say(
                f"  {cell.model}, fold {cell.fold + 1}{again}, seed {cell.seed}: macro-F1 "
                f"{cell.metrics['f1_macro']:.4f} ({cell.seconds:.1f} s; "
                f"{self.done} of {total}{shown})"
            )
        elif self.done:
            self.console.say(f"  {self.done} of {total} cells are finished from before")

    def left(self, pending: Mapping[str, int]) -> float | None:
        """Estimate the seconds that are left; None while a model has not finished its first."""
        if any(count and name not in self._seconds for name, count in pending.items()):
            return None
        seconds = sum(
            count * sum(self._seconds[name]) / len(self._seconds[name])
            for name, count in pending.items()
            if count
        )
        return seconds / self._jobs
