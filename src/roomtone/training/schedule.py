"""The learning rate as a function of the step, and of what the epochs so far have shown."""

from __future__ import annotations

import math
from dataclasses import dataclass

from roomtone.config.training import TrainingConfig

WARM_SHARE, START_DIVISOR, END_DIVISOR = 0.3, 25.0, 1e4
NAMES = {
    "reduce_on_plateau": "ReduceLROnPlateau",
    "step": "StepLR",
    "cosine": "CosineAnnealingLR",
    "one_cycle": "OneCycleLR",
    "none": "constant",
}


@dataclass
class Plateau:
    """What `reduce_on_plateau` remembers: its factor so far, and epochs without improvement."""

    factor: float = 1.0
    bad_epochs: int = 0


class LearningRate:
    """The rate at each step.

    Cosine after Loshchilov & Hutter (2017, equation 5, one period); one cycle after Smith &
    Topin (2019), rising from a 25th of the peak over 30 % of the steps.

    Parameters
    ----------
    config : TrainingConfig
        Peak, schedule, warm-up and number of epochs.
    steps_per_epoch : int
        Batches in an epoch.
    """

    def __init__(self, config: TrainingConfig, steps_per_epoch: int) -> None:
        self.peak = config.learning_rate
        self.warmup = config.warmup_steps
        self.schedule = config.lr_scheduler
        self.steps_per_epoch = steps_per_epoch
        self.total = max(1, config.max_epochs * steps_per_epoch - self.warmup)

    def at(self, step: int, plateau: Plateau) -> float:
        """Compute the rate of a step.

        Parameters
        ----------
        step : int
            Steps taken before it, over all epochs.
        plateau : Plateau
            What the epochs so far have shown.
        """
        if step < self.warmup:
            return self.peak * (step + 1) / self.warmup
        done = min(1.0, (step - self.warmup) / self.total)
        return max(self._rate(step, done, plateau), self.schedule.min_lr)

    def _rate(self, step: int, done: float, plateau: Plateau) -> float:
        floor = self.schedule.min_lr
        match self.schedule.type:
            case "reduce_on_plateau":
                return self.peak * plateau.factor
            case "step":
                epoch = step // self.steps_per_epoch
                return self.peak * self.schedule.factor ** (epoch // self.schedule.step_size)
            case "cosine":
                return _anneal(self.peak, floor, done)
            case "one_cycle" if done < WARM_SHARE:
                return _anneal(self.peak / START_DIVISOR, self.peak, done / WARM_SHARE)
            case "one_cycle":
                end = self.peak / START_DIVISOR / END_DIVISOR
                return _anneal(self.peak, end, (done - WARM_SHARE) / (1 - WARM_SHARE))
            case _:
                return self.peak

    def end_epoch(self, plateau: Plateau, *, improved: bool) -> bool:
        """Count an epoch without improvement; tell whether the rate has just been lowered."""
        if self.schedule.type != "reduce_on_plateau":
            return False
        plateau.bad_epochs = 0 if improved else plateau.bad_epochs + 1
        if plateau.bad_epochs <= self.schedule.patience:
            return False
        plateau.bad_epochs = 0
        lower = max(plateau.factor * self.schedule.factor, self.schedule.min_lr / self.peak)
        lowered = lower < plateau.factor
        plateau.factor = lower
        return lowered

    def describe(self) -> str:
        """Name the schedule and its main setting as the console shows it."""
        name = NAMES[self.schedule.type]
        match self.schedule.type:
            case "reduce_on_plateau":
                return f"{name} (patience={self.schedule.patience})"
            case "step":
                return f"{name} (step_size={self.schedule.step_size})"
            case _:
                return name


def _anneal(start: float, end: float, done: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * done)) / 2
