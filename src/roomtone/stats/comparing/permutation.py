"""Two models on one test set, by any score: what exchanging their answers at random would give."""

from __future__ import annotations

import numpy as np

from roomtone.stats.comparing.power import POWER, scaled_rows
from roomtone.stats.comparing.result import Finding, NotComparable
from roomtone.stats.paired import gain, paired_bootstrap
from roomtone.stats.resampling import Statistic, Units

MIN_GROUPS = 6
"""Groups that differ, below which no p-value of two sides gets under 0.05: 2/2⁵ is 0.0625."""


def paired_permutation(
    sample: Units,
    score: Statistic,
    *,
    confidence: float = 0.95,
    resamples: int = 10_000,
    seed: int = 42,
) -> Finding:
    """Permutation (approximate randomisation) test with a BCa interval.

    Where the models are alike, it is chance which of them gave which of the two answers to a row;
    answers are exchanged at random, for whole groups at once where the units are groups (Noreen
    1989; Dror et al. 2018). The value found counts as one of the permutations, without which the
    test would reject too often (Phipson & Smyth 2010).

    Parameters
    ----------
    sample : Units
        Of two models.
    score : callable
        From the sums of one model, ``[..., values]``, to its score, ``[...]``; more is better.
    confidence : float
        Nominal coverage of the interval.
    resamples, seed : int
        Permutations, and resamples of the bootstrap.

    Raises
    ------
    NotComparable
        If the models answered alike, or fewer than six units were answered differently.
    """
    statistic = gain(score)
    differing = sample.differing()
    if differing < MIN_GROUPS:
        raise NotComparable(
            f"the models answered differently to {differing} rows (or groups) of "
            f"{int(sample.counts.sum())}; with fewer than {MIN_GROUPS} no exchange of answers "
            "can be told from chance at 0.05"
        )
    interval = paired_bootstrap(sample, score, level=confidence, resamples=resamples, seed=seed)
    exchanged = sample.exchanged(resamples, np.random.default_rng(seed))
    beyond = sum(
        int(np.sum(np.abs(statistic(sums)) >= abs(interval.estimate) - 1e-12)) for sums in exchanged
    )
    return Finding(
        statistic=interval.estimate,
        p_value=(1 + beyond) / (1 + resamples),
        difference=interval.estimate,
        low=interval.low,
        high=interval.high,
        interval="bca" if interval.method == "BCa" else "percentile",
        effects={
            "units": int(sample.counts.sum()),
            "units_answered_differently": differing,
            "standard_error": interval.error,
            "units_needed": scaled_rows(
                int(sample.counts.sum()), interval.estimate, interval.error, level=1 - confidence
            ),
            "power": POWER,
            "resamples": resamples,
        },
    )
