"""How far scoring is."""

from __future__ import annotations

import time

from roomtone.cli.progress import ShownProgress, clock, time_left
from roomtone.training.console import Console


class ScoreProgress(ShownProgress):
    """Shows rows done, pace and time left.

    Parameters
    ----------
    console : Console
        Where to.
    bar : bool
        Whether there may be a bar.

    Attributes
    ----------
    rows : int
        How many are done.
    """

    def __init__(self, console: Console, *, bar: bool = True) -> None:
        super().__init__(console, bar=bar)
        self._began = time.monotonic()
        self._before: tuple[int, float] | None = None
        self.rows = 0

    def update(self, rows: int, fraction: float | None) -> None:
        """Show how far it is; the first call tells what another process did before."""
        if self._before is None:
            self._began, self._before = time.monotonic(), (rows, fraction or 0.0)
        self.rows = rows
        text = self._text(fraction)
        share = "" if fraction is None else f"{100 * fraction:.1f} %, "
        total = None if fraction is None else 1.0
        self.show(fraction or 0, total, text, f"  {share}{text}")

    def pace(self) -> str:
        """Say how many rows are done, and how fast this process was."""
        before, _ = self._before or (0, 0.0)
        return f"{self.rows:,} rows, {(self.rows - before) / self._seconds():,.0f} rows/s"

    def _text(self, fraction: float | None) -> str:
        _, before = self._before or (0, 0.0)
        left = time_left(self._seconds(), before, fraction)
        return self.pace() + ("" if left is None else f", {clock(left)} left")

    def _seconds(self) -> float:
        return max(time.monotonic() - self._began, 1e-9)
