"""How far an audit is."""

from __future__ import annotations

import time

from roomtone.cli.progress import ShownProgress, clock, time_left
from roomtone.training.console import Console


class AuditProgress(ShownProgress):
    """Shows what is being done, and how long the rest may take."""

    def __init__(self, console: Console) -> None:
        super().__init__(console)
        self._began = time.monotonic()

    def update(self, step: str, share: float) -> None:
        """Show that a step has begun, or gone on."""
        left = time_left(time.monotonic() - self._began, 0.0, share)
        text = step if left is None else f"{step}, about {clock(left)} left"
        self.show(share, 1.0, text, f"  {share:.0%}, {text}")
