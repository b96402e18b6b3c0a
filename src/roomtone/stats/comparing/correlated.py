"""Fold scores of one data set: their training parts overlap, so that they are correlated."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from roomtone.stats.comparing.result import Finding, NotComparable
from roomtone.stats.confusion import Array

MIN_FOLDS = 5
"""Fold scores below which nothing is tested: with 4 degrees of freedom t has to pass 2.78."""


class _Spread(NamedTuple):
    mean: float
    scale: float
    freedom: int


def corrected_t(differences: ArrayLike, ratio: float, confidence: float = 0.95) -> Finding:
    """Corrected resampled t-test (Nadeau & Bengio 2003, section 4.3).

    Training parts of folds overlap, which makes the variance of the differences s² too small a
    measure of their mean's. It is taken as ``(1/J + n_test/n_train) s²``. For repeated
    cross-validation see Bouckaert & Frank (2004).

    Parameters
    ----------
    differences : array_like of float, shape [J]
        Score of one model less that of the other, fold by fold.
    ratio : float
        n_test/n_train.
    confidence : float
        Nominal coverage of the interval.

    Raises
    ------
    NotComparable
        If there are fewer than five folds, or the differences do not vary.
    """
    from scipy.special import stdtr, stdtrit

    mean, scale, freedom = _spread(differences, ratio)
    statistic = mean / scale
    half = float(stdtrit(freedom, (1 + confidence) / 2)) * scale
    return Finding(
        statistic=statistic,
        p_value=float(2 * stdtr(freedom, -abs(statistic))),
        difference=mean,
        low=mean - half,
        high=mean + half,
        interval="corrected_t",
        effects={
            "degrees_of_freedom": freedom,
            "variance_ratio": ratio,
            "standard_error": scale,
        },
    )


def bayesian_correlated_t(
    differences: ArrayLike, ratio: float, rope: float, confidence: float = 0.95
) -> Finding:
    """Bayesian correlated t-test (Corani & Benavoli 2015; Corani et al. 2017).

    With the correlation of folds set to ``n_test / (n_train + n_test)`` and a flat prior, the
    posterior of the mean difference is Student's t with J - 1 degrees of freedom around the
    observed mean, its squared scale that of :func:`corrected_t`.

    Parameters
    ----------
    differences : array_like of float, shape [J]
        Score of one model less that of the other, fold by fold.
    ratio : float
        n_test/n_train.
    rope : float
        Half-width of the region of practical equivalence, in units of the score.
    confidence : float
        Probability of the credible interval.

    Raises
    ------
    NotComparable
        If there are fewer than five folds, the differences do not vary.
    """
    from scipy.special import stdtr, stdtrit

    mean, scale, freedom = _spread(differences, ratio)
    half = float(stdtrit(freedom, (1 + confidence) / 2)) * scale
    worse = float(stdtr(freedom, (-rope - mean) / scale))
    better = float(stdtr(freedom, (mean - rope) / scale))
    return Finding(
        statistic=None,
        p_value=None,
        difference=mean,
        low=mean - half,
        high=mean + half,
        interval="bayesian_correlated_t",
        effects={
            "posterior": {
                "worse": worse,
                "equivalent": max(0.0, 1 - worse - better),
                "better": better,
            },
            "rope": rope,
        },
    )


def _spread(differences: ArrayLike, ratio: float) -> _Spread:
    values: Array = np.asarray(differences, dtype=np.float64)
    if values.size < MIN_FOLDS:
        raise NotComparable(
            f"{values.size} fold scores are too few to tell a difference from the choice of "
            f"folds; {MIN_FOLDS} are the least: use more folds or repeats"
        )
    variance = float(values.var(ddof=1))
    if variance <= np.square(1e-12 * max(1.0, float(np.abs(values).max()))):
        raise NotComparable(
            f"the difference is {values[0]:.6g} in every fold, so that its variance cannot be "
            "estimated; are these the scores of one model under two names?"
        )
    scale = float(np.sqrt((1 / values.size + ratio) * variance))
    return _Spread(float(values.mean()), scale, values.size - 1)
