"""Two models on one test set, by the rows that one of them alone has right."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from roomtone.errors import DataError
from roomtone.stats.comparing.power import rows_needed, smallest_difference
from roomtone.stats.comparing.result import Finding, NotComparable
from roomtone.stats.proportions import exact_interval


def discordant(correct: ArrayLike, others: ArrayLike) -> tuple[int, int, int]:
    """Count the rows that only the first model has right, that only the other has, and all rows.

    Parameters
    ----------
    correct, others : array_like of bool, shape [n]
        Whether each model is right on each row.

    Raises
    ------
    DataError
        If there are no rows, or the lengths differ.
    """
    ours, theirs = np.asarray(correct, dtype=bool), np.asarray(others, dtype=bool)
    if ours.ndim != 1 or ours.shape != theirs.shape or not ours.size:
        raise DataError(f"answers to the same rows expected, found {ours.shape}, {theirs.shape}")
    return int(np.sum(ours & ~theirs)), int(np.sum(~ours & theirs)), ours.size


def mcnemar(
    first: int, second: int, rows: int, *, mid_p: bool, confidence: float = 0.95
) -> Finding:
    """McNemar's test of equal accuracy, exact or mid-p (Fagerland, Lydersen & Laake 2013).

    Given that ``first + second`` rows are judged differently, `first` is binomial with 1/2 where
    the models are equally accurate. The exact test rejects true nulls more rarely than its level
    says; the mid-p test counts half of the probability of the very outcome found and comes close
    to the level. The interval of the difference is that of Bonett & Price (2012).

    Parameters
    ----------
    first, second : int
        Rows that only the first model has right, and that only the second has.
    rows : int
        All rows, those judged alike included.
    mid_p : bool
        Whether to give the mid-p value.
    confidence : float
        Nominal coverage of the intervals.

    Raises
    ------
    NotComparable
        If no row is judged differently.

    Examples
    --------
    >>> round(mcnemar(1, 7, 21, mid_p=True).p_value, 3)
    0.039
    """
    if not first + second:
        raise NotComparable(
            f"the models are right and wrong on the same {rows} rows: without a row that only "
            "one of them has right there is nothing to test"
        )
    low, high = _bonett_price(first, second, rows, confidence)
    return Finding(
        statistic=float(min(first, second)),
        p_value=_binomial_p(first, second, mid_p),
        difference=(first - second) / rows,
        low=low,
        high=high,
        interval="bonett_price",
        effects=_effects(first, second, rows, confidence),
    )


def _binomial_p(first: int, second: int, mid_p: bool) -> float:
    from scipy.special import bdtr

    smaller, total = min(first, second), first + second
    tail = float(bdtr(smaller, total, 0.5))
    beyond = float(bdtr(smaller - 1, total, 0.5)) if smaller else 0.0
    # 2 tail - P(smaller) is tail + beyond; in a tie the outcome found lies on both sides.
    return min(1.0, tail + beyond if mid_p else 2 * tail)


def _bonett_price(first: int, second: int, rows: int, confidence: float) -> tuple[float, float]:
    """Wald's interval with one row added to each kind of disagreement (Bonett & Price 2012)."""
    from scipy.special import ndtri

    more, less = (first + 1) / (rows + 2), (second + 1) / (rows + 2)
    variance = (more + less - (more - less) ** 2) / (rows + 2)
    half = float(ndtri((1 + confidence) / 2) * np.sqrt(variance))
    return max(-1.0, more - less - half), min(1.0, more - less + half)


def _effects(first: int, second: int, rows: int, confidence: float) -> dict[str, Any]:
    """Effect sizes: the odds ratio and Cohen's g (Cohen 1988, chapter 5), and the power.

    Their intervals are exact: the share of the first model is binomial among the rows judged
    differently. An end without bound is None.
    """
    ends = exact_interval([first], [first + second], confidence)
    low, high = (float(end[0]) for end in ends)
    share = first / (first + second)
    return {
        "only_model_right": first,
        "only_reference_right": second,
        "rows": rows,
        "exact_p": _binomial_p(first, second, mid_p=False),
        "odds_ratio": _odds(share),
        "odds_ratio_interval": [_odds(low), _odds(high)],
        "cohens_g": share - 0.5,
        "cohens_g_interval": [low - 0.5, high - 0.5],
        "rows_needed": rows_needed(first / rows, second / rows, level=1 - confidence),
        "smallest_difference": smallest_difference(
            rows, (first + second) / rows, level=1 - confidence
        ),
        "power": 0.8,
        "sources": ["odds_ratio", "cohens_g", "mcnemar_power"],
    }


def _odds(share: float) -> float | None:
    return None if share >= 1 else share / (1 - share)
