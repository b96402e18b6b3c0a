"""Two models on several data sets: signed ranks."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from roomtone.errors import DataError
from roomtone.stats.comparing.result import Finding, NotComparable
from roomtone.stats.confusion import Array

MIN_DATASETS = 6
"""Data sets that differ, below which no p-value of two sides gets under 0.05: 2/2⁵ is 0.0625."""


def wilcoxon(differences: ArrayLike, confidence: float = 0.95) -> Finding:
    """Wilcoxon's signed-rank test (1945), exact with ties, too.

    Differences of 0 are ranked with the others and give each side half of their ranks (Pratt 1959;
    Demšar 2006, section 3.1.3). The estimate is the median of the Walsh averages (Hodges & Lehmann
    1963), the interval the shifts that the test would not reject.

    Parameters
    ----------
    differences : array_like of float, shape [N]
        Score of one model less that of the other, for each data set.
    confidence : float
        Nominal coverage of the interval.

    Raises
    ------
    NotComparable
        If the models differ on fewer than six data sets.
    DataError
        If the differences are not a flat list of numbers.
    """
    from scipy.stats import rankdata

    values = np.asarray(differences, dtype=np.float64)
    if values.ndim != 1 or not np.all(np.isfinite(values)):
        raise DataError(f"differences must be a flat list of numbers, found {values!r:.200}")
    sizes = np.abs(values).round(12)  # 0.3 - 0.2 and 0.2 - 0.1 are a tie
    ranks, apart = rankdata(sizes), sizes > 0
    if apart.sum() < MIN_DATASETS:
        raise NotComparable(
            f"the models differ on {int(apart.sum())} of {values.size} data sets; with fewer than "
            f"{MIN_DATASETS} Wilcoxon's test cannot reach 0.05, whatever the scores"
        )
    halves = float(ranks[~apart].sum()) / 2
    for_first = float(ranks[apart & (values > 0)].sum())
    for_second = float(ranks[apart & (values < 0)].sum())
    below = np.cumsum(_null(ranks[apart]))
    p_value = min(1.0, 2 * float(below[round(2 * min(for_first, for_second))]))
    walsh = np.sort(np.add.outer(values, values)[np.triu_indices(values.size)] / 2)
    low, high = _shifts(walsh, values.size, confidence)
    return Finding(
        statistic=min(for_first, for_second) + halves,
        p_value=p_value,
        difference=float(np.median(walsh)),
        low=low,
        high=high,
        interval="hodges_lehmann",
        effects={
            "datasets": values.size,
            "wins": int((apart & (values > 0)).sum()),
            "losses": int((apart & (values < 0)).sum()),
            "rank_correlation": (for_first - for_second) / float(ranks.sum()),
            "sources": ["hodges_lehmann", "rank_correlation"],
        },
    )


def _null(ranks: Array) -> Array:
    """Return the chances of twice the sum of ranks of one side, each rank on it by a coin's toss.

    Twice, since tied ranks may end in a half.
    """
    doubled = np.rint(2 * ranks).astype(int)
    chances = np.zeros(doubled.sum() + 1)
    chances[0] = 1.0
    for rank in doubled:
        moved = np.zeros_like(chances)
        moved[rank:] = chances[: chances.size - rank]
        chances = (chances + moved) / 2
    return chances


def _shifts(walsh: Array, count: int, confidence: float) -> tuple[float, float]:
    below = np.cumsum(_null(np.arange(1, count + 1)))[::2]  # without ties: whole sums only
    cut = int(np.searchsorted(below, (1 - confidence) / 2, side="right"))
    # The interval that leaves out no Walsh average is all that very few data sets allow.
    return float(walsh[max(cut - 1, 0)]), float(walsh[walsh.size - max(cut, 1)])
