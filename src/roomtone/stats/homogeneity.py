"""Whether several groups of rows have the same shares of classes, or the same lengths."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from roomtone.errors import DataError

_LEAST_EXPECTED = 5.0
_TABLES = 9999


@dataclass(frozen=True)
class Homogeneity:
    """A comparison of groups.

    Attributes
    ----------
    method : str
        The test.
    statistic, p_value : float
        What it gives.
    effect_name : str
        ``"Cramér's V"`` or ``"Cliff's delta"``.
    effect : float
        How large the difference is, whatever the number of rows; 0 for none.
    size : str
        What that amounts to: ``"negligible"``, ``"small"``, ``"medium"`` or ``"large"``.
    """

    method: str
    statistic: float
    p_value: float
    effect_name: str
    effect: float
    size: str


def compare_shares(counts: ArrayLike, *, seed: int = 42) -> Homogeneity:
    """Test whether groups have the same shares of classes.

    Pearson's chi-squared test where all expected counts are at least 5, else the same statistic
    against tables drawn at random with the same margins. The effect is Cramér's V without its
    bias (Bergsma 2013); its sizes are those of Cohen (1988) for w, divided by the root of the
    smaller number of groups or classes less one: 0.1, 0.3, 0.5.

    Parameters
    ----------
    counts : array_like of int, shape [groups, classes]
        Rows of each class in each group.
    seed : int
        Decides the tables that are drawn.

    Raises
    ------
    DataError
        If there are fewer than two groups with rows, or two classes that occur.
    """
    # Loaded here, as in the other modules: SciPy's statistics take a second to import.
    from scipy import stats

    table = np.asarray(counts, dtype=np.int64)
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    if min(table.shape) < 2:
        raise DataError(
            f"comparing shares needs two groups and two classes with rows, found {table.shape}"
        )
    rows, columns, total = table.sum(axis=1), table.sum(axis=0), int(table.sum())
    expected = np.outer(rows, columns) / total
    statistic = float(((table - expected) ** 2 / expected).sum())
    degrees = (table.shape[0] - 1) * (table.shape[1] - 1)
    if expected.min() >= _LEAST_EXPECTED:
        method, p_value = "chi-squared test", float(stats.chi2.sf(statistic, degrees))
    else:
        drawn = stats.random_table(rows, columns).rvs(
            size=_TABLES, random_state=np.random.default_rng(seed)
        )
        values = ((drawn - expected) ** 2 / expected).sum(axis=(1, 2))
        at_least = int((values >= statistic * (1 - 1e-12)).sum())
        method, p_value = "chi-squared permutation test", (1 + at_least) / (1 + _TABLES)
    effect = _cramers_v(statistic, table.shape, total)
    scale = np.sqrt(min(table.shape) - 1)
    return Homogeneity(
        method, statistic, p_value, "Cramér's V", effect, _size(effect * scale, (0.1, 0.3, 0.5))
    )


def compare_values(first: ArrayLike, second: ArrayLike) -> Homogeneity:
    """Test whether two groups have values of the same size: lengths, say.

    The Mann-Whitney U test, with Cliff's delta: how much more often a value of the first group
    is larger than one of the second, than smaller, -1 to 1. Its sizes are those of Romano et al.
    (2006): 0.147, 0.33, 0.474.

    Parameters
    ----------
    first, second : array_like of float
        Values of the two groups.

    Raises
    ------
    DataError
        If a group is empty.
    """
    from scipy import stats

    one, other = np.asarray(first), np.asarray(second)
    if not one.size or not other.size:
        raise DataError(f"comparing values needs two groups, found {one.size} and {other.size}")
    found = stats.mannwhitneyu(one, other, method="asymptotic")
    delta = float(2 * found.statistic / (one.size * other.size) - 1)
    # Where all values are equal there is no variance to divide by, and no difference.
    p_value = 1.0 if np.isnan(found.pvalue) else float(found.pvalue)
    return Homogeneity(
        "Mann-Whitney U test",
        float(found.statistic),
        p_value,
        "Cliff's delta",
        delta,
        _size(abs(delta), (0.147, 0.33, 0.474)),
    )


def _cramers_v(statistic: float, shape: tuple[int, ...], total: int) -> float:
    """Take off what chance alone makes of V (Bergsma 2013, eq. 5 and 6)."""
    groups, classes = shape
    if total < 2:
        return 0.0
    share = max(statistic / total - (groups - 1) * (classes - 1) / (total - 1), 0.0)
    least = min(
        groups - (groups - 1) ** 2 / (total - 1), classes - (classes - 1) ** 2 / (total - 1)
    )
    return float(np.sqrt(share / (least - 1))) if least > 1 else 0.0


def _size(effect: float, steps: tuple[float, float, float]) -> str:
    names = ("negligible", "small", "medium", "large")
    return names[int(np.searchsorted(steps, effect, side="right"))]
