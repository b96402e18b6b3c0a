"""Saying what went wrong in training, and what to do about it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from roomtone.errors import TrainingError

if TYPE_CHECKING:
    from roomtone.training.progress import Progress

COLLAPSE_SHARE = 0.95


def not_finite(
    progress: Progress, batches: int, *, loss: float, norm: float, rate: float, saved: str
) -> TrainingError:
    """Explain a loss or a gradient that is not a finite number.

    Parameters
    ----------
    progress : Progress
        How far the run had come before.
    batches : int
        How many batches an epoch has.
    loss, norm, rate : float
        The batch's loss, the norm of its gradient, and the learning rate.
    saved : str
        What is kept: the last good checkpoint.
    """
    what = "loss" if not math.isfinite(loss) else "gradient"
    return TrainingError(
        f"The {what} is not finite in epoch {progress.epoch + 1}, "
        f"batch {progress.batch + 1}/{batches}: "
        f"loss {loss:.4g}, gradient norm {norm:.4g}, learning rate {rate:.4g}.\n"
        f"The step was not taken. {saved}\n"
        f"Try a lower learning rate (--learning_rate {rate / 10:.2g}), a smaller "
        "--gradient_clip, --warmup_steps 200, or --precision fp32."
    )


def out_of_memory(batch_size: int, max_len: int, num_filters: int) -> TrainingError:
    """Explain that the device's memory has run out, with the three settings to lower."""
    return TrainingError(
        "The device is out of memory. Lower one of these: "
        f"--batch_size (now {batch_size}; try {max(1, batch_size // 2)}), "
        f"--max_len (now {max_len}; try {max(1, max_len * 3 // 4)}), "
        f"model.cnn.num_filters and model.bilstm.hidden_size (now {num_filters} filters)."
    )


def collapse(predicted: np.ndarray, names: Sequence[str], *, weighted: bool) -> str | None:
    """Notice that nearly every text is given one class.

    Parameters
    ----------
    predicted : ndarray
        Predicted classes, ``[rows]``.
    names : sequence of str
        Names of the classes.
    weighted : bool
        Whether class weights are already in use.

    Returns
    -------
    str or None
        A warning with what to try, or None if the predictions are spread.
    """
    shares = np.bincount(predicted, minlength=len(names)) / max(1, len(predicted))
    top = int(shares.argmax())
    if shares[top] < COLLAPSE_SHARE:
        return None
    weights = "" if weighted else "use --class_weights balanced, "
    return (
        f"{shares[top]:.0%} of the validation texts are predicted as {names[top]!r}: the model has "
        f"collapsed to one class. Check the class balance, {weights}or lower --learning_rate."
    )
