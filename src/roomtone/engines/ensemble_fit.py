"""Fitting the weights of a soft vote on rows that no engine saw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import ArrayLike

from roomtone.engines.base import SentimentEngine
from roomtone.engines.members import common_classes, member_probs
from roomtone.stats.combining import (
    CombinationGain,
    combination_gain,
    fit_weighted_mean,
    true_probabilities,
)
from roomtone.stats.confusion import class_codes
from roomtone.stats.mixture import fit_mixture
from roomtone.texts import checked_texts


@dataclass(frozen=True)
class FittedWeights:
    """Weights fitted on validation rows.

    Attributes
    ----------
    weights : dict of str to float
        They sum to 1.
    gain : CombinationGain
        What they gain over equal weights and over the best single engine, cross-fitted.
    """

    weights: dict[str, float]
    gain: CombinationGain

    def to_dict(self) -> dict[str, Any]:
        """Return the weights and the gain as values that JSON can hold."""
        return {"weights": self.weights, "gain": self.gain.to_dict()}


def fit_weights(
    models: Mapping[str, SentimentEngine],
    texts: Sequence[str],
    labels: ArrayLike,
    *,
    seed: int = 42,
) -> FittedWeights:
    """Fit the weights of a soft vote by log-loss on rows that no engine was fitted on.

    Parameters
    ----------
    models : mapping of str to SentimentEngine
        The engines, by name.
    texts, labels : sequence of str and array_like of int, shape [n]
        Validation rows and their class codes.
    seed : int
        Decides the folds and the resampling that judge the gain.

    Raises
    ------
    RoomtoneError
        If the engines differ in their classes, or rows and labels do not fit.
    """
    classes = common_classes("ensemble", models)
    codes = class_codes(labels, len(classes), "labels")
    probs, _ = member_probs(models, checked_texts(texts))
    gain = combination_gain(probs, codes, fit_weighted_mean, seed=seed)
    fitted = fit_mixture(true_probabilities(probs, codes))
    return FittedWeights(dict(zip(models, fitted.tolist(), strict=True)), gain)
