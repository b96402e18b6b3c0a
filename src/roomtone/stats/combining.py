"""What a combination of models gains, told from rows that it was not fitted on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from roomtone.errors import DataError
from roomtone.stats.calibrating import CalibrationScores, calibration_scores
from roomtone.stats.confusion import Array, class_codes
from roomtone.stats.metrics import log_losses
from roomtone.stats.mixture import fit_mixture
from roomtone.stats.paired import Difference, f1_gain, mean_gain

Combine = Callable[[Array], Array]
"""Turns the probabilities of the models, ``[models, n, classes]``, into ``[n, classes]``."""

_FOLDS = 5


@dataclass(frozen=True)
class Gains:
    """A combination against one alternative.

    Attributes
    ----------
    log_loss, f1_macro : Difference
        Above 0 where the combination is better.
    """

    log_loss: Difference
    f1_macro: Difference

    def to_dict(self) -> dict[str, Any]:
        """Return the gains as values that JSON can hold."""
        return {"log_loss": self.log_loss.to_dict(), "f1_macro": self.f1_macro.to_dict()}


@dataclass(frozen=True)
class CombinationGain:
    """What a combination gains on rows that no model saw.

    All is cross-fitted: the combination that judges a row, and the single model that counts as the
    best, were fitted or chosen on the other rows.

    Attributes
    ----------
    n : int
        Rows.
    fitted, equal, best_single : CalibrationScores
        Of the combination, of the mean of all models, and of the best single one.
    over_equal, over_best_single : Gains
        The gain, with intervals.
    """

    n: int
    fitted: CalibrationScores
    equal: CalibrationScores
    best_single: CalibrationScores
    over_equal: Gains
    over_best_single: Gains

    def to_dict(self) -> dict[str, Any]:
        """Return the gain as values that JSON can hold."""
        scores = {name: vars(getattr(self, name)) for name in ("fitted", "equal", "best_single")}
        return {
            "n": self.n,
            **scores,
            "over_equal": self.over_equal.to_dict(),
            "over_best_single": self.over_best_single.to_dict(),
        }


def combination_gain(
    probs: ArrayLike,
    labels: ArrayLike,
    fit: Callable[[Array, Array], Combine],
    *,
    seed: int = 42,
) -> CombinationGain:
    """Measure a way of combining models by cross-validation.

    Parameters
    ----------
    probs : array_like of float, shape [models, n, classes]
        Probabilities of rows that none of the models was fitted on.
    labels : array_like of int, shape [n]
        Their true class codes.
    fit : callable
        Gets the probabilities and labels of some rows and returns what combines others.
    seed : int
        Decides the folds and the resampling.

    Raises
    ------
    DataError
        If the shapes disagree, or there are fewer than two rows.
    """
    table = np.asarray(probs, dtype=np.float64)
    if table.ndim != 3 or table.shape[1] < 2:
        raise DataError(
            "expected probabilities of 2 rows or more, models by rows by classes, "
            f"found shape {list(table.shape)}"
        )
    classes = table.shape[2]
    codes = class_codes(labels, classes, "labels")
    if codes.size != table.shape[1]:
        raise DataError(f"{table.shape[1]} rows of probabilities but {codes.size} labels")
    fold = np.random.default_rng(seed).permutation(codes.size) % min(_FOLDS, codes.size)
    fitted, single = np.empty(table.shape[1:]), np.empty(table.shape[1:])
    for number in range(fold.max() + 1):
        out = fold == number
        fitted[out] = fit(table[:, ~out], codes[~out])(table[:, out])
        single[out] = table[_best(table[:, ~out], codes[~out])][out]
    equal = table.mean(axis=0)

    def against(other: Array) -> Gains:
        losses, predicted = log_losses(fitted, codes), fitted.argmax(axis=1)
        return Gains(
            mean_gain(losses, log_losses(other, codes), seed=seed),
            f1_gain(codes, predicted, other.argmax(axis=1), classes, seed=seed),
        )

    return CombinationGain(
        n=codes.size,
        fitted=calibration_scores(fitted, codes),
        equal=calibration_scores(equal, codes),
        best_single=calibration_scores(single, codes),
        over_equal=against(equal),
        over_best_single=against(single),
    )


def fit_weighted_mean(probs: Array, labels: Array) -> Combine:
    """Fit the weights of a soft vote; a `fit` for :func:`combination_gain`."""
    weights = fit_mixture(true_probabilities(probs, labels))
    return lambda others: np.asarray(np.tensordot(weights, others, axes=1))


def true_probabilities(probs: Array, labels: Array) -> Array:
    """Pick the probability of each true label, ``[models, n, classes]`` to ``[n, models]``."""
    return np.asarray(probs[:, np.arange(labels.size), labels].T)


def _best(probs: Array, labels: Array) -> int:
    return int(np.argmin([log_losses(table, labels).mean() for table in probs]))
