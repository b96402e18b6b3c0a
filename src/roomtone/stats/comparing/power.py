"""How many test rows a difference needs to be seen, and what difference the rows can show."""

from __future__ import annotations

import numpy as np

from roomtone.errors import DataError

POWER = 0.8
"""The usual chance of seeing a difference that is there (Cohen 1988)."""


def rows_needed(
    first: float, second: float, *, level: float = 0.05, power: float = POWER
) -> int | None:
    """Return how many test rows McNemar's test needs (Connor 1987).

    With ψ the share of rows that the models judge differently and δ the difference of their
    accuracies, ``n = (z_(1-level/2) √ψ + z_power √(ψ - δ²))² / δ²``. It takes the shares found to
    be the true ones: a plan for the next test set, and no second verdict on this one.

    Parameters
    ----------
    first, second : float
        Shares of the rows that only the first model has right, and that only the second has.
    level, power : float
        Of the two-sided test to come.

    Returns
    -------
    int or None
        None where the accuracies are the same: no number of rows would be enough.

    Raises
    ------
    DataError
        If the shares are not shares of the same rows, or `level` or `power` is out of range.

    Examples
    --------
    >>> rows_needed(0.08, 0.05)
    1132
    """
    from scipy.special import ndtri

    _check(first + second, level, power)
    if min(first, second) < 0:
        raise DataError(f"shares of rows are expected, found {first} and {second}")
    gain, apart = abs(first - second), first + second
    if gain < 1e-12:
        return None
    reach = ndtri(1 - level / 2) * np.sqrt(apart) + ndtri(power) * np.sqrt(apart - gain**2)
    return int(np.ceil(np.square(reach / gain) - 1e-9))


def smallest_difference(
    rows: int, apart: float, *, level: float = 0.05, power: float = POWER
) -> float | None:
    """Return the least difference of accuracies that so many rows show with this power.

    It solves the formula of :func:`rows_needed` for δ.

    Parameters
    ----------
    rows : int
        Test rows.
    apart : float
        Share of them that the models judge differently.
    level, power : float
        Of the two-sided test.

    Returns
    -------
    float or None
        None where these rows show no difference: not even one as large as `apart`, with all
        disagreements on one side.

    Raises
    ------
    DataError
        If a share, `level` or `power` is out of range, or there are no rows.

    Examples
    --------
    >>> round(smallest_difference(1132, 0.13), 4)
    0.03
    """
    from scipy.special import ndtri

    _check(apart, level, power)
    if rows < 1:
        raise DataError(f"rows must be 1 or more, found {rows}")
    alpha, beta = float(ndtri(1 - level / 2)), float(ndtri(power))
    # (δ√n - α√ψ)² = β²(ψ - δ²) is quadratic in δ; the larger root is the one with δ√n >= α√ψ.
    square, linear, rest = rows + beta**2, alpha * np.sqrt(rows * apart), (alpha**2 - beta**2)
    under = linear**2 - square * rest * apart
    gain = float((linear + np.sqrt(under)) / square) if under >= 0 else np.inf
    return gain if 0 < gain <= apart else None


def scaled_rows(
    rows: int,
    gain: float,
    error: float,
    *,
    level: float = 0.05,
    power: float = POWER,
    freedom: int | None = None,
) -> int | None:
    """Return how many rows any mean-like metric needs, from its standard error on `rows` rows.

    The error falls with the square root of the rows: ``n = rows ((z_(1-level/2) + z_power) error
    / gain)²``, with the quantiles of Student's t where a t-test of so many degrees of `freedom` is
    to come. None where there is no gain or no error.
    """
    from scipy.special import ndtri, stdtrit

    _check(0.0, level, power)
    if abs(gain) < 1e-12 or error <= 0:
        return None
    ends = (1 - level / 2, power)
    reach = sum(float(ndtri(end) if freedom is None else stdtrit(freedom, end)) for end in ends)
    return int(np.ceil(rows * np.square(reach * error / gain)))


def _check(apart: float, level: float, power: float) -> None:
    if not 0 <= apart <= 1 + 1e-12:
        raise DataError(f"the share of rows judged differently must lie in 0 to 1, found {apart}")
    if not (0 < level < 1 and 0.5 <= power < 1):
        raise DataError(
            f"level must lie between 0 and 1 and power from 0.5 to below 1, found {level}, {power}"
        )
