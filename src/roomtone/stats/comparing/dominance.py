"""Models trained with several seeds: whose scores lie higher, as whole distributions."""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import ArrayLike

from roomtone.stats.comparing.effects import cliffs_delta
from roomtone.stats.comparing.result import Finding, NotComparable
from roomtone.stats.confusion import Array

MIN_SEEDS = 5
"""Seeds of each model below which nothing is tested."""
THRESHOLD = 0.2
"""ε_min below which one model counts as almost stochastically dominant (Ulmer et al. 2022)."""

_EXACT = 20_000  # ways to deal the scores to the models, up to which all are gone through


def violation_ratio(first: ArrayLike, second: ArrayLike) -> Array:
    """Return how far `first` is from dominating `second` (del Barrio et al. 2018).

    With F⁻¹ and G⁻¹ the quantile functions of the two samples it is the part of
    ``∫ (F⁻¹(t) - G⁻¹(t))² dt`` where F⁻¹ lies below G⁻¹: 0 where `first` is as good or better at
    every quantile, 1 where it is as bad or worse, 1/2 where the samples are the same. Quantile
    functions of samples are steps, so that the integrals are sums.

    Parameters
    ----------
    first, second : array_like of float, shape [..., n] and [..., m]
        More is better.

    Returns
    -------
    ndarray of float64, shape [...]

    Examples
    --------
    >>> float(violation_ratio([0.7, 0.8], [0.6, 0.8]))
    0.0
    """
    upper, lower = np.sort(np.asarray(first, float)), np.sort(np.asarray(second, float))
    n, m = upper.shape[-1], lower.shape[-1]
    # Steps end at multiples of 1/n and 1/m; in units of 1/(nm) these are whole numbers.
    ends = np.union1d(np.arange(1, n + 1) * m, np.arange(1, m + 1) * n)
    widths = np.diff(ends, prepend=0)
    apart = upper[..., (ends - 1) // m] - lower[..., (ends - 1) // n]
    whole = (widths * apart**2).sum(axis=-1)
    part = (widths * np.minimum(apart, 0) ** 2).sum(axis=-1)
    return np.where(whole > 0, part / np.where(whole > 0, whole, 1), 0.5)


def almost_stochastic_order(
    first: ArrayLike,
    second: ArrayLike,
    *,
    confidence: float = 0.95,
    comparisons: int = 1,
    resamples: int = 10_000,
    seed: int = 42,
) -> Finding:
    """Compare two models by their scores over seeds (del Barrio et al. 2018; Dror et al. 2019).

    The statistic is ε_min, the upper confidence bound of :func:`violation_ratio`,
    ``ε + σ √((n+m)/(nm)) z``, with σ by the bootstrap; its level is halved, since either model may
    turn out to be the dominant one. A model is called dominant where its ε_min is below 0.2 and
    the p-value below the level. The p-value is that of a
    permutation test of the means, which is exact where the models are alike; the interval of the
    difference of means is Welch's (1947).

    Parameters
    ----------
    first, second : array_like of float, shape [n] and [m]
        Scores over seeds; more is better.
    confidence : float
        Of the bound and of the intervals.
    comparisons : int
        Of how many comparisons this is one: the bound's level is divided by it (Bonferroni).
    resamples, seed : int
        Of the bootstrap, and of the permutations where these are too many to go through.

    Raises
    ------
    NotComparable
        If there are fewer than five seeds of a model, or no score differs from another.
    """
    from scipy.special import ndtri

    ours, theirs = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if min(ours.size, theirs.size) < MIN_SEEDS:
        raise NotComparable(
            f"{ours.size} and {theirs.size} seeds are too few to compare distributions of scores; "
            f"{MIN_SEEDS} each are the least"
        )
    if np.ptp(np.concatenate([ours, theirs])) == 0:
        raise NotComparable(f"every score of both models is {ours[0]:.6g}: nothing differs")
    generator = np.random.default_rng(seed)
    ratio = float(violation_ratio(ours, theirs))
    # The same draws, whichever model comes first: the spread of ε is that of 1 - ε.
    drawn = violation_ratio(
        *(
            generator.choice(np.sort(scores), (resamples, scores.size))
            for scores in sorted((ours, theirs), key=lambda scores: float(scores.mean()))
        )
    )
    # σ √((n+m)/(nm)) is the standard deviation of the resampled ratios themselves.
    reach = float(drawn.std(ddof=1) * ndtri(1 - (1 - confidence) / (2 * comparisons)))
    low, high = _welch(ours, theirs, confidence)
    p_value = _permutation_p(ours, theirs, resamples, generator)
    bounds = {"model": min(1.0, ratio + reach), "reference": min(1.0, 1 - ratio + reach)}
    leader = min(bounds, key=lambda name: bounds[name])
    sure = bounds[leader] < THRESHOLD and p_value * comparisons <= 1 - confidence + 1e-12
    return Finding(
        statistic=bounds["model"],
        p_value=p_value,
        difference=float(ours.mean() - theirs.mean()),
        low=low,
        high=high,
        interval="welch",
        effects={
            "eps_min": bounds["model"],
            "eps_min_of_reference": bounds["reference"],
            "violation_ratio": ratio,
            "threshold": THRESHOLD,
            "dominant": leader if sure else None,
            **cliffs_delta(ours, theirs, confidence),
            "seeds": [ours.size, theirs.size],
            "sources": ["cliffs_delta", "paired_permutation"],
        },
        note="The statistic is ε_min; the p-value is that of a permutation test of the means.",
    )


def _permutation_p(
    ours: Array, theirs: Array, resamples: int, generator: np.random.Generator
) -> float:
    scores = np.concatenate([ours, theirs])
    scores = np.sort(scores - scores.mean())  # the same draws, whichever model comes first
    n, m = sorted((ours.size, theirs.size))
    found = abs(float(ours.mean() - theirs.mean())) - 1e-12
    exact = comb(n + m, n) <= _EXACT
    if exact:
        dealt = scores[np.array(list(combinations(range(n + m), n)))].sum(axis=1)
    else:
        dealt = generator.permuted(np.tile(scores, (resamples, 1)), axis=1)[:, :n].sum(axis=1)
    # With a sum of 0 over all scores, the means differ by (1/n + 1/m) times either model's sum.
    beyond = int(np.sum(np.abs(dealt) * (1 / n + 1 / m) >= found))
    # What is drawn and not gone through counts the deal that was found as one more.
    return (beyond + (not exact)) / (int(dealt.size) + (not exact))


def _welch(ours: Array, theirs: Array, confidence: float) -> tuple[float, float]:
    from scipy.special import stdtrit

    errors = np.array([ours.var(ddof=1) / ours.size, theirs.var(ddof=1) / theirs.size])
    freedom = errors.sum() ** 2 / (errors**2 / [ours.size - 1, theirs.size - 1]).sum()
    half = float(stdtrit(freedom, (1 + confidence) / 2) * np.sqrt(errors.sum()))
    mean = float(ours.mean() - theirs.mean())
    return mean - half, mean + half
