"""Two models trained with several seeds, tested on the same rows: both are samples."""

from __future__ import annotations

import numpy as np

from roomtone.stats.comparing.permutation import MIN_GROUPS
from roomtone.stats.comparing.result import Finding, NotComparable
from roomtone.stats.confusion import Array
from roomtone.stats.resampling import score_of, units

_TWO = (
    "With 2 seeds their spread is hardly known: models that are alike are told apart in about 8 "
    "of 100 cases instead of 5; 3 seeds or more are better."
)


def seeds_and_rows(
    labels: Array,
    ours: Array,
    theirs: Array,
    num_classes: int,
    metric: str,
    *,
    confidence: float = 0.95,
    resamples: int = 2000,
    seed: int = 42,
) -> Finding:
    """Compare the means over seeds of two models' scores (Obuchowski & Rockette 1995).

    Each seed's models are tested on each row, as readers are on cases, and both are samples. With
    s² the variance of the S differences of score, one for each seed, and C the covariance over rows
    of the differences of two seeds (here by the bootstrap over rows), the variance of the mean
    difference is ``s²/S + max(C, 0)``: s² holds the luck of the seeds, and that part of the luck of
    the rows which is each seed's own; C holds the part that all seeds share. The t-distribution has
    ``(S - 1) (1 + S max(C, 0) / s²)²`` degrees of freedom (Hillis 2007).

    Parameters
    ----------
    labels : ndarray of int, shape [n]
        True class codes.
    ours, theirs : ndarray of int, shape [seeds, n]
        Predictions of the models, seeds in the same order.
    num_classes : int
        How many classes there are.
    metric : str
        A key of :data:`roomtone.stats.SCORES`.
    confidence : float
        Nominal coverage of the interval.
    resamples, seed : int
        Of the bootstrap.

    Raises
    ------
    NotComparable
        If there is one seed, or fewer than six rows were answered differently.
    """
    count, rows = ours.shape
    if count < 2:
        raise NotComparable(
            "undecided: one seed cannot tell the models from the luck of their training; train "
            "with 2 seeds or more (5 are usual)"
        )
    differing = int((ours != theirs).any(axis=0).sum())
    if differing < MIN_GROUPS:
        raise NotComparable(
            f"with every seed the models answered alike, but for {differing} of {rows:,} rows; "
            f"{MIN_GROUPS} are the least"
        )
    columns = [labels * num_classes + answers for answers in (*ours, *theirs)]
    sample, score = units(columns, num_classes**2), score_of(metric, num_classes)

    def gaps(sums: Array) -> Array:
        """Turn sums ``[..., 2 * seeds, cells]`` into each seed's difference, ``[..., seeds]``."""
        scores = score(sums)
        return np.asarray(scores[..., :count] - scores[..., count:])

    found = gaps(sample.total())
    if found.mean() < 0:  # the better model first: swapping them then swaps the signs alone
        return seeds_and_rows(
            *(labels, theirs, ours, num_classes, metric),
            confidence=confidence,
            resamples=resamples,
            seed=seed,
        ).turned()
    generator = np.random.default_rng(seed)
    drawn = np.concatenate([gaps(sums) for sums in sample.resampled(resamples, generator)])
    return _tested(found, drawn, confidence, rows)


def _tested(found: Array, drawn: Array, confidence: float, rows: int) -> Finding:
    """Test differences ``[seeds]``, given what they would be on other rows, ``[drawn, seeds]``."""
    from scipy.special import stdtr, stdtrit

    count = found.size
    own = float(drawn.var(axis=0, ddof=1).mean())
    shared = max(0.0, (count * float(drawn.mean(axis=1).var(ddof=1)) - own) / (count - 1))
    between = float(found.var(ddof=1)) / count
    variance = between + shared
    if variance <= 0:
        raise NotComparable("the difference is the same for every seed and any rows")
    # Where nothing varies between seeds, rows are all there is, and the distribution is normal.
    degrees = min(1e9, (count - 1) * (variance / between) ** 2) if between > 0 else 1e9
    error, mean = float(np.sqrt(variance)), float(found.mean())
    half = float(stdtrit(degrees, (1 + confidence) / 2)) * error
    return Finding(
        statistic=mean / error,
        p_value=min(1.0, 2 * float(stdtr(degrees, -abs(mean) / error))),
        difference=mean,
        low=mean - half,
        high=mean + half,
        interval="seeds_and_rows",
        effects={
            "seeds": count,
            "rows": rows,
            "standard_error": error,
            "error_between_seeds": float(np.sqrt(between)),
            "error_of_rows": float(np.sqrt(shared)),
            "degrees_of_freedom": degrees,
        },
        note="" if count > 2 else _TWO,
    )
