"""How far something is: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.progress import BarColumn, Progress, ProgressColumn, TaskProgressColumn, TextColumn

from roomtone.training.console import Console

SECONDS_BETWEEN_LINES = 10.0


class ShownProgress:
    """A bar with words beside it for as long as something goes on.

    Parameters
    ----------
    console : Console
        Where to.
    column : ProgressColumn, optional
        What stands between bar and words; the share in percent where not given.
    bar : bool
        Whether there may be a bar.
    """

    def __init__(
        self, console: Console, column: ProgressColumn | None = None, *, bar: bool = True
    ) -> None:
        self.console = console
        self._bar: Progress | None = None
        if bar and console.live:
            columns = (
                BarColumn(),
                column or TaskProgressColumn(),
                TextColumn("{task.fields[text]}"),
            )
            self._bar = Progress(*columns, console=console.rich, transient=True)
            self._bar.add_task("", total=None, text="")
        self._said = time.monotonic()

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def show(self, done: float, total: float | None, text: str, line: str | None = None) -> None:
        """Move the bar; where there is none, say a line if the last one was long ago.

        Parameters
        ----------
        done, total : float
            How much of how much; the total is None where it is not known.
        text : str
            What stands beside the bar.
        line : str, optional
            What is said without a bar; nothing where not given.
        """
        now = time.monotonic()
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], total=total, completed=done, text=text)
        elif line is not None and now - self._said >= SECONDS_BETWEEN_LINES:
            self._said = now
            self.console.say(line)


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
