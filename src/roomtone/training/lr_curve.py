"""The curve of a learning-rate range test, and the rates that it suggests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scipy.signal import savgol_filter

from roomtone.errors import TrainingError

FEWEST_STEPS = 20
_FALLEN = 0.95  # a loss that is not below this share of the first one has not fallen
_LEVEL_WINDOW, _SLOPE_WINDOW = 6, 3  # as shares of the steps: a sixth, a third


@dataclass(frozen=True)
class RangeTest:
    """What a range test has found.

    Attributes
    ----------
    rates : tuple of float
        Learning rate of each step.
    losses : tuple of float
        Loss of each step's batch, before the step is taken, less what is its own luck: by how
        much its loss under the initial weights and the same dropout differs from the mean.
    smoothed : tuple of float
        The losses without most of their noise.
    steepest : float
        The rate at which the smoothed loss falls most steeply.
    suggested : float
        A tenth of the rate at which it is lowest.
    diverged : bool
        Whether the test ended early, the loss having left all bounds.
    """

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    smoothed: tuple[float, ...]
    steepest: float
    suggested: float
    diverged: bool


def judge(rates: Sequence[float], losses: Sequence[float], *, diverged: bool) -> RangeTest:
    """Read the rates to suggest off the losses of a range test.

    The losses are smoothed by a straight line fitted around each step (Savitzky & Golay
    1964), which unlike a running mean does not lag behind. The slope is that of a line over
    twice as many steps, since noise disturbs it more.

    Parameters
    ----------
    rates : sequence of float
        Growing exponentially, at least as many as losses.
    losses : sequence of float
        Loss of each step.
    diverged : bool
        Whether the test ended early.

    Raises
    ------
    TrainingError
        If the loss falls at no rate.
    """
    if len(losses) < FEWEST_STEPS:
        raise TrainingError(
            f"The loss left all bounds after {len(losses)} steps, at a rate of "
            f"{rates[len(losses)]:.2g}: too few to judge by. Start lower, or take more steps."
        )
    smoothed = savgol_filter(losses, _window(losses, _LEVEL_WINDOW), polyorder=1)
    slope = savgol_filter(losses, _window(losses, _SLOPE_WINDOW), polyorder=1, deriv=1)
    lowest = int(smoothed.argmin())
    if not smoothed[lowest] < _FALLEN * smoothed[0]:
        raise TrainingError(
            f"The loss falls at no rate from {rates[0]:.2g} to {rates[len(losses) - 1]:.2g} "
            f"(first {smoothed[0]:.3f}, lowest {smoothed[lowest]:.3f}): the model does not learn "
            "from these texts. Check the labels, and that the rates and steps suffice."
        )
    return RangeTest(
        rates=tuple(float(rate) for rate in rates[: len(losses)]),
        losses=tuple(losses),
        smoothed=tuple(smoothed.tolist()),
        steepest=_short(rates[int(slope[: lowest + 1].argmin())]),
        suggested=_short(rates[lowest] / 10),
        diverged=diverged,
    )


def _window(losses: Sequence[float], share: int) -> int:
    """Choose the number of steps, an odd one, that a line is fitted to."""
    return max(5, len(losses) // share) | 1


def _short(rate: float) -> float:
    """Keep two digits: more would feign a precision that the test does not have."""
    return float(f"{rate:.1e}")
