"""Splitting a corpus into train, validation and test rows, with duplicates on one side."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

SPLITS = ("train", "val", "test")
FRACTIONS = (0.70, 0.15, 0.15)


def assign_splits(
    strata: Sequence[Hashable],
    keys: Sequence[Hashable],
    *,
    seed: int,
    fractions: Sequence[float] = FRACTIONS,
) -> NDArray[np.int64]:
    """Give each row a split, stratified, with all rows of equal key in the same one.

    Each stratum's rows are shared out by largest remainder. Without duplicates each split gets
    its exact share of each stratum, to less than one row; where rows are duplicates within
    one stratum, of `m` rows at most, the share is met to less than ``1 + 2 (m - 1)`` rows.

    Parameters
    ----------
    strata : sequence, length n
        What is to be balanced over the splits, such as (source, label).
    keys : sequence, length n
        Rows with equal keys are duplicates of each other.
    seed : int
        Seed of the drawing; equal input and seed give equal output.
    fractions : sequence of float, length k
        Share of each split; they sum to 1.

    Returns
    -------
    ndarray of int64, shape (n,)
        The split of each row, 0 to k - 1.
    """
    rng = np.random.default_rng(seed)
    codes = _codes(strata)
    members = [np.flatnonzero(codes == code) for code in range(codes.max(initial=-1) + 1)]
    room = np.array([_quota(len(rows), fractions) for rows in members]).reshape(-1, len(fractions))
    splits = np.full(len(codes), -1, dtype=np.int64)
    for rows in _duplicates(keys):
        need = np.bincount(codes[rows], minlength=len(members))
        splits[rows] = split = _draw(room[need > 0], need[need > 0], rng)
        room[:, split] -= need
    for code, stratum in enumerate(members):
        single = stratum[splits[stratum] < 0]
        places = np.repeat(np.arange(len(fractions)), room[code].clip(min=0))
        splits[single] = rng.permutation(places)[: len(single)]
    return splits


def _codes(values: Sequence[Hashable]) -> NDArray[np.int64]:
    """Give each distinct value a number, in the order in which they first occur."""
    known: dict[Hashable, int] = {}
    return np.array([known.setdefault(value, len(known)) for value in values], dtype=np.int64)


def _duplicates(keys: Sequence[Hashable]) -> list[list[int]]:
    """List the rows of each key that occurs more than once, the largest groups first."""
    groups: dict[Hashable, list[int]] = {}
    for row, key in enumerate(keys):
        groups.setdefault(key, []).append(row)
    return sorted((rows for rows in groups.values() if len(rows) > 1), key=len, reverse=True)


def _quota(count: int, fractions: Sequence[float]) -> NDArray[np.int64]:
    """Share out a number of rows by largest remainder, earlier splits first where equal."""
    exact = count * np.asarray(fractions)
    # The tolerance keeps 0.7 * 10 = 6.999... from losing a whole row to rounding.
    whole = np.floor(exact + 1e-9).astype(np.int64)
    order = np.argsort(whole - exact, kind="stable")
    whole[order[: count - int(whole.sum())]] += 1
    return whole


def _draw(room: NDArray[np.int64], need: NDArray[np.int64], rng: np.random.Generator) -> int:
    """Draw a split for a group of duplicates, with odds as large as the room that is left."""
    fits = (room >= need[:, np.newaxis]).all(axis=0)
    odds = np.where(fits, room.sum(axis=0), 0)
    if odds.any():
        return int(rng.choice(len(odds), p=odds / odds.sum()))
    return int(np.argmax((room - need[:, np.newaxis]).min(axis=0)))
