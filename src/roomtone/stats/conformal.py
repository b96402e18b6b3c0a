"""Sets of labels that hold the true one at a chosen rate, whatever the engine (split conformal)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from roomtone.errors import DataError
from roomtone.stats.calibration import class_probabilities
from roomtone.stats.confusion import Array, class_codes
from roomtone.stats.proportions import exact_interval

# Scores are differences and sums of probabilities: equal ones may differ in their last bits.
_ROUNDING = 1e-12


def lac_scores(probs: ArrayLike) -> Array:
    """Score how badly each label fits: one less its probability, shape [n, classes] as `probs`.

    The smallest sets on average (least ambiguous classifier; Sadinle, Lei & Wasserman 2019).
    """
    return 1 - np.asarray(probs, dtype=np.float64)


def aps_scores(probs: ArrayLike) -> Array:
    """Score how badly each label fits: the probability of all that are as probable, itself too.

    Sets that adapt to how hard a text is (adaptive prediction sets; Romano, Sesia & Candès 2020),
    without their randomisation, so that a text always gets the same set; sets are then larger.
    """
    table = np.asarray(probs, dtype=np.float64)
    at_least = table[:, None, :] >= table[:, :, None]  # [n, classes, classes that are as probable]
    return np.asarray((table[:, None, :] * at_least).sum(axis=2))


NONCONFORMITY: Mapping[str, Callable[[ArrayLike], Array]] = MappingProxyType(
    {"lac": lac_scores, "aps": aps_scores}
)


def conformal_threshold(true_scores: ArrayLike, error_rate: float) -> float:
    """Return the largest score of a label that belongs to a set.

    It is the ``ceil((n + 1) (1 - error_rate))``-th smallest score of the true labels of n
    calibration rows. Of new rows, drawn as those were, a share of at most `error_rate` then has its
    true label outside its set, on average over calibration samples (Angelopoulos & Bates 2021,
    theorem 1).

    Parameters
    ----------
    true_scores : array_like of float, shape [n]
        Score of each calibration row's true label, in any order.
    error_rate : float
        Between 0 and 1.

    Returns
    -------
    float
        Infinite where there are too few rows for the rate: every label then belongs to every set.

    Raises
    ------
    DataError
        If there are no rows, or the rate is not between 0 and 1.
    """
    scores = np.sort(np.asarray(true_scores, dtype=np.float64))
    if scores.ndim != 1 or scores.size == 0:
        raise DataError(f"conformal scores must be a flat list, found shape {scores.shape}")
    if not 0 < error_rate < 1:
        raise DataError(f"error_rate must lie between 0 and 1, found {error_rate}; 0.1 is usual")
    # 100 * (1 - 0.1) must not become 91 because of a last bit.
    rank = math.ceil((scores.size + 1) * (1 - error_rate) - 1e-9)
    return math.inf if rank > scores.size else float(scores[rank - 1])


def label_sets(scores: ArrayLike, threshold: float) -> Array:
    """Collect the labels that fit well enough.

    The best one always belongs, so that no set is empty; that can only raise the coverage.

    Parameters
    ----------
    scores : array_like of float, shape [n, classes]
        From a function of `NONCONFORMITY`.
    threshold : float
        From :func:`conformal_threshold`, with scores of the same function.

    Returns
    -------
    ndarray of bool, shape [n, classes]
    """
    table = np.asarray(scores, dtype=np.float64)
    sets = table <= threshold + _ROUNDING
    sets[np.arange(len(table)), table.argmin(axis=1)] = True
    return np.asarray(sets)


@dataclass(frozen=True)
class ConformalCoverage:
    """How often sets hold the true label, and how large they are.

    Attributes
    ----------
    score : str
        ``"lac"`` or ``"aps"``.
    error_rate : float
        What was asked for; coverage should be one less it.
    threshold : float or None
        Largest score of a label that belongs; None where all do.
    n : int
        Rows tested.
    coverage : float
        Share of rows whose set holds the true label.
    low, high : float
        Its exact 95 % interval.
    coverage_by_class : tuple of float or None
        The same among the rows of each true class; None for a class without rows. The guarantee is
        for all rows together, so a class that is hard may lie below it.
    mean_size : float
        Labels in a set, on average.
    share_by_size : tuple of float
        Share of sets with 1, 2, … labels.
    """

    score: str
    error_rate: float
    threshold: float | None
    n: int
    coverage: float
    low: float
    high: float
    coverage_by_class: tuple[float | None, ...]
    mean_size: float
    share_by_size: tuple[float, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the coverage as values that JSON can hold."""
        values = asdict(self)
        return values | {
            name: list(values[name]) for name in ("coverage_by_class", "share_by_size")
        }


def conformal_coverage(
    threshold: float,
    test: tuple[ArrayLike, ArrayLike],
    error_rate: float,
    score: str = "lac",
) -> ConformalCoverage:
    """Test sets on rows that the threshold was not set on.

    Parameters
    ----------
    threshold : float
        From :func:`conformal_threshold`, with scores of the same function.
    test : tuple of array_like
        Probabilities, shape [n, classes], and true class codes, shape [n].
    error_rate : float
        For which the threshold was set.
    score : str
        A key of `NONCONFORMITY`.

    Raises
    ------
    DataError
        If probabilities or labels are unusable.
    """
    table = np.asarray(test[0], dtype=np.float64)
    codes = class_codes(test[1], table.shape[1], "labels")
    probs = class_probabilities(table, codes, table.shape[1])
    sets = label_sets(NONCONFORMITY[score](probs), threshold)
    hit = sets[np.arange(codes.size), codes]
    low, high = exact_interval(hit.sum(), hit.size)
    sizes = np.bincount(sets.sum(axis=1), minlength=probs.shape[1] + 1)[1:]
    return ConformalCoverage(
        score=score,
        error_rate=error_rate,
        threshold=None if math.isinf(threshold) else threshold,
        n=codes.size,
        coverage=float(hit.mean()),
        low=float(low),
        high=float(high),
        coverage_by_class=tuple(
            float(hit[codes == code].mean()) if (codes == code).any() else None
            for code in range(probs.shape[1])
        ),
        mean_size=float(sets.sum(axis=1).mean()),
        share_by_size=tuple((sizes / codes.size).tolist()),
    )
