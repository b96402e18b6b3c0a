"""Running one trial of a study after the other, with a line for each and the time left."""

from __future__ import annotations

from collections.abc import Sequence

from roomtone.experiments.study import Study
from roomtone.experiments.trial import Trial, run_trial
from roomtone.experiments.trial_record import FAILED, TrialRecord, read_record
from roomtone.training.console import Console
from roomtone.training.observers import Observer


class Pace:
    """Counts trials, and tells how long the rest will take if they take as long as those so far.

    Parameters
    ----------
    console : Console
        Where to say so.
    total : int
        How many trials there will be, at most.
    """

    def __init__(self, console: Console, total: int) -> None:
        self.console, self.total = console, total
        self.count, self.seconds = 0, 0.0

    def run(
        self,
        study: Study,
        trial: Trial,
        *,
        observers: Sequence[Observer] = (),
        keep: bool = False,
    ) -> TrialRecord:
        """Run a trial, or read its record, and say what became of it."""
        before = read_record(study, trial.name) is not None
        if not before and self.console.live:
            self.console.say(f"   {trial.name} … ({study.trials / trial.name}.log)")
        record = run_trial(study, trial, observers=observers, keep=keep)
        self.note(record, before=before)
        return record

    def note(self, record: TrialRecord, *, before: bool) -> None:
        """Count a trial that has ended, just now or before, and say what became of it."""
        self.count += 1
        self.seconds += record.seconds
        self._tell(record, before=before)

    def skip(self) -> None:
        """Leave a trial out that turned out to be needless."""
        self.total -= 1

    def _tell(self, record: TrialRecord, *, before: bool) -> None:
        head = f"[{self.count}/{self.total}] {record.name}: "
        if record.status == FAILED:
            self.console.warn(f"{head}failed: {record.note.splitlines()[0]}")
        else:
            shown = f"ended early, {record.note}" if record.value is None else f"{record.value:.4f}"
            when = "before" if before else f"{duration(record.seconds)}"
            self.console.say(f"{head}{shown} ({when}{self._left()})")

    def _left(self) -> str:
        left = self.total - self.count
        if not left or not self.seconds:
            return ""
        return f"; about {duration(left * self.seconds / self.count)} left"


def run_all(
    study: Study, trials: Sequence[Trial], console: Console, *, keep: bool = False
) -> dict[str, TrialRecord]:
    """Run trials in their order, and return their records by name."""
    pace = Pace(console, len(trials))
    return {trial.name: pace.run(study, trial, keep=keep) for trial in trials}


def duration(seconds: float) -> str:
    """Say a time as people do: ``48 s``, ``12 min``, ``3 h 20 min``."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
