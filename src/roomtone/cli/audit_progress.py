"""How far an audit is: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import time
from types import TracebackType

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from roomtone.cli.score_progress import SECONDS_BETWEEN_LINES, clock, time_left
from roomtone.training.console import Console


class AuditProgress:
    """Shows what is being done, and how long the rest may take.

    Parameters
    ----------
    console : Console
        Where to.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bar: Progress | None = None
        self._began = self._said = time.monotonic()

    def __enter__(self) -> AuditProgress:
        if self._console.live:
            columns = (BarColumn(), TaskProgressColumn(), TextColumn("{task.description}"))
            self._bar = Progress(*columns, console=self._console.rich, transient=True)
            self._bar.add_task("", total=1.0)
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def update(self, step: str, share: float) -> None:
        """Show that a step has begun, or gone on."""
        now = time.monotonic()
        left = time_left(now - self._began, 0.0, share)
        text = step if left is None else f"{step}, about {clock(left)} left"
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=share, description=text)
        elif now - self._said >= SECONDS_BETWEEN_LINES:
            self._said = now
            self._console.say(f"  {share:.0%}, {text}")
