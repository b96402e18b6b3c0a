"""How far scoring is: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import time
from types import TracebackType

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from roomtone.training.console import Console

SECONDS_BETWEEN_LINES = 10.0


class ScoreProgress:
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
        self._console = console
        self._with_bar = bar and console.live
        self._bar: Progress | None = None
        self._began = self._said = time.monotonic()
        self._before: tuple[int, float] | None = None
        self.rows = 0

    def __enter__(self) -> ScoreProgress:
        if self._with_bar:
            columns = (BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[text]}"))
            self._bar = Progress(*columns, console=self._console.rich, transient=True)
            self._bar.add_task("", total=None, text="")
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def update(self, rows: int, fraction: float | None) -> None:
        """Show how far it is; the first call tells what another process did before."""
        if self._before is None:
            self._began, self._before = time.monotonic(), (rows, fraction or 0.0)
        self.rows = rows
        now = time.monotonic()
        if self._bar is not None:
            total = None if fraction is None else 1.0
            text = self._text(fraction)
            self._bar.update(self._bar.task_ids[0], total=total, completed=fraction or 0, text=text)
        elif now - self._said >= SECONDS_BETWEEN_LINES:
            self._said = now
            share = "" if fraction is None else f"{100 * fraction:.1f} %, "
            self._console.say(f"  {share}{self._text(fraction)}")

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

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


def time_left(seconds: float, before: float, now: float | None) -> float | None:
    """Estimate how many seconds the rest takes, if it goes on as since `before`.

    Parameters
    ----------
    seconds : float
        What it has taken from `before` to `now`.
    before, now : float
        Shares of the whole; None where it is not known.
    """
    if now is None or now <= before:
        return None
    return seconds * (1 - now) / (now - before)


def clock(seconds: float) -> str:
    """Show a duration as hours, minutes and seconds: ``1:02:03``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
