"""What a run says on the console: headings, check marks, counts; on a terminal, a live bar."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from rich.console import Console as RichConsole
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from roomtone.training.observers import EpochResult, Quiet

if TYPE_CHECKING:
    from roomtone.training.loop import Trainer

RULE = "=" * 80
SUMMARY = (
    ("train_accuracy", "train_accuracy"),
    ("train_f1_macro", "train_f1_macro"),
    ("train_avg_loss", "train_loss"),
    ("val_accuracy", "val_accuracy"),
    ("val_f1_macro", "val_f1_macro"),
    ("val_avg_loss", "val_loss"),
    ("val_cohen_kappa", "val_cohen_kappa"),
)


class _PlainConsole(RichConsole):
    """Leaves a reader that has gone to whoever started the command; rich would exit at once."""

    def on_broken_pipe(self) -> None:
        """Pass the error on."""
        raise BrokenPipeError


class Console:
    """Plain lines to a stream; colours and markup are left out on purpose.

    Parameters
    ----------
    quiet : bool
        Show warnings and results only.
    stream : TextIO, optional
        Where to; standard output where not given.
    """

    def __init__(self, *, quiet: bool = False, stream: TextIO | None = None) -> None:
        self.quiet = quiet
        stream = stream or sys.stdout
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
        self.rich = _PlainConsole(
            file=stream, highlight=False, markup=False, emoji=False, soft_wrap=True
        )

    @property
    def live(self) -> bool:
        """Whether a bar can move here."""
        return self.rich.is_terminal and not self.quiet

    def say(self, *lines: str) -> None:
        """Print lines of the ordinary account."""
        if not self.quiet:
            self.always(*lines)

    def always(self, *lines: str) -> None:
        """Print lines that also a quiet run shows."""
        for line in lines or ("",):
            self.rich.print(line)

    def warn(self, text: str) -> None:
        """Print a warning."""
        self.always(f"⚠️  {text}")

    def heading(self, text: str) -> None:
        """Print a heading between two rules."""
        self.say("", RULE, text, RULE)


class TrainingConsole(Quiet):
    """Shows a training loop: batches, a summary of each epoch, the best checkpoint."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._bar: Progress | None = None

    def train_begins(self, trainer: Trainer) -> None:
        """Open the live bar where there is a terminal."""
        if self.console.live:
            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[pace]}"),
                TimeRemainingColumn(),
                TextColumn("left in this epoch"),
                console=self.console.rich,
                transient=True,
            )
            self._bar.start()

    def epoch_begins(self, trainer: Trainer) -> None:
        """Print the epoch's heading."""
        training, progress = trainer.config.training, trainer.progress
        self.console.heading(f"Epoch {progress.epoch + 1}/{training.max_epochs}")
        if self._bar is not None:
            for task in self._bar.task_ids:
                self._bar.remove_task(task)
            self._bar.add_task(
                f"Epoch {progress.epoch + 1}",
                total=len(trainer.train_loader),
                completed=progress.batch,
                pace="",
            )

    def batch_ends(self, trainer: Trainer, loss: float, texts: int) -> None:
        """Print the loss of every tenth batch, and move the bar."""
        done, batches = trainer.progress.batch, len(trainer.train_loader)
        if done % trainer.config.training.log_every == 0:
            share = 100 * done / batches
            self.console.say(f"  Batch {done}/{batches} ({share:.1f}%) - Loss: {loss:.4f}")
        if self._bar is not None:
            task = self._bar.tasks[0]
            pace = f"{task.speed * texts:,.0f} samples/s" if task.speed else ""
            self._bar.update(task.id, advance=1, pace=pace)

    def epoch_ends(self, trainer: Trainer, result: EpochResult) -> None:
        """Print the summary, and what was saved or why nothing was."""
        say, stopping = self.console.say, trainer.config.training.early_stopping
        say("", f"📊 Epoch {result.epoch} Summary (Time: {result.seconds:.2f}s):")
        say(*(f"   {shown}: {result.metrics[name]:.4f}" for shown, name in SUMMARY))
        best, value = trainer.progress.best_epoch, result.metrics[stopping.monitor]
        say("")
        if result.improved:
            way = "decreased" if stopping.monitor.endswith("_loss") else "increased"
            say(f"✅ {stopping.monitor} {way} to {value:.4f}")
            say(f"💾 [BEST] Checkpoint saved: {result.checkpoint}")
        else:
            waited = f" (patience {trainer.progress.bad_epochs}/{stopping.patience})"
            shown = waited * stopping.enabled
            say(f"   {stopping.monitor} did not improve on epoch {best}{shown}")
        if result.rate_lowered:
            rate = trainer.rate.at(trainer.progress.step, trainer.progress.plateau)
            say(f"   Learning rate lowered to {rate:g}")

    def train_ends(self, trainer: Trainer) -> None:
        """Close the live bar."""
        if self._bar is not None:
            self._bar.stop()


def as_typed(path: Path) -> str:
    """Show a relative path with the leading dot that tells it from a name: ``./runs``."""
    return str(path) if path.is_absolute() or ".." in path.parts else f"./{path}"
