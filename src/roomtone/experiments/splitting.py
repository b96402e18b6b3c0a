"""Dealing rows out to folds: by class, by group, or forward in time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from warnings import catch_warnings, simplefilter

import numpy as np
from numpy.typing import NDArray

from roomtone.errors import DataError, require
from roomtone.stats.folds import deal_folds

Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Split:
    """One fold.

    Attributes
    ----------
    train, test : ndarray of int64
        Numbers of the rows, ascending.
    """

    train: Rows
    test: Rows


@dataclass(frozen=True, eq=False)
class Dealer:
    """Deals labelled rows out.

    Attributes
    ----------
    labels : ndarray of int64, shape [n]
        Class codes.
    class_names : sequence of str
        For error messages.
    groups : ndarray, shape [n], optional
        Rows of equal groups stay together.
    times : ndarray of float64, shape [n], optional
        No model learns from a row that is later than a row it is tested on.
    """

    labels: Rows
    class_names: Sequence[str]
    groups: NDArray[Any] | None = None
    times: NDArray[np.float64] | None = None

    @property
    def scheme(self) -> str:
        """``"stratified"``, ``"grouped"`` or ``"time"``."""
        if self.times is not None:
            return "time"
        return "stratified" if self.groups is None else "grouped"

    def folds(self, count: int, seed: int) -> list[Split]:
        """Deal all rows out to folds.

        They are those of scikit-learn's `StratifiedKFold` or `StratifiedGroupKFold`, shuffled with
        this seed; or of its `TimeSeriesSplit`, where a fold begins with the first row of its time.

        Parameters
        ----------
        count : int
            How many folds.
        seed : int
            Decides which rows go together; nothing where time decides.

        Raises
        ------
        DataError
            If these rows cannot be dealt out to as many folds; says to how many.
        """
        self._check(count)
        selection = require(
            "sklearn.model_selection", extra="baselines", purpose="Cross-validation"
        )
        if self.times is not None:
            splits = list(_forward(self.times, count, selection.TimeSeriesSplit(count)))
        else:
            kind = "StratifiedKFold" if self.groups is None else "StratifiedGroupKFold"
            folds = getattr(selection, kind)(count, shuffle=True, random_state=seed)
            splits = [
                Split(train, test)
                for train, test in folds.split(self.labels, self.labels, self.groups)
            ]
        for number, split in enumerate(splits):
            self._check_split(split, number, count)
        return splits

    def validation(self, train: Rows, share: float, seed: int) -> tuple[Rows, Rows]:
        """Hold rows of a training part out, by the scheme of the folds.

        Parameters
        ----------
        train : ndarray of int64
            Numbers of the rows.
        share : float
            About this share of them is held out, from above 0 to a half.
        seed : int
            Decides which.

        Returns
        -------
        tuple of ndarray of int64
            Rows to fit on, with every class of the training part, and rows held out.

        Raises
        ------
        DataError
            If no rows can be held out so.
        """
        labels = self.labels[train]
        for held_out in self._candidates(train, share, seed):
            kept = labels[~held_out]
            if held_out.any() and np.isin(labels, kept).all():
                return train[~held_out], train[held_out]
        raise DataError(
            f"a training part of {len(train):,} rows cannot spare any for validation so that each "
            "class stays; give more rows of the rare classes, "
            + {
                "stratified": "or use more folds",
                "grouped": "or of more groups",
                "time": "or of more points in time",
            }[self.scheme]
        )

    def _candidates(self, train: Rows, share: float, seed: int) -> Iterator[NDArray[np.bool_]]:
        labels, parts = self.labels[train], max(2, round(1 / share))
        if self.times is not None:
            times = self.times[train]
            cut = np.sort(times)[-max(1, round(share * len(train)))]
            yield times >= cut
            return
        if self.groups is None:
            fold = deal_folds(labels, min(parts, len(train)), seed)
        else:
            groups = self.groups[train]
            parts = min(parts, len(np.unique(groups)), np.bincount(labels).max())
            if parts < 2:
                return
            from sklearn.model_selection import StratifiedGroupKFold

            fold = np.empty(len(train), dtype=np.int64)
            dealt = StratifiedGroupKFold(parts, shuffle=True, random_state=seed % 2**32)
            with catch_warnings():
                # Of classes with fewer rows than folds: such a class stays in what is fitted on.
                simplefilter("ignore", UserWarning)
                for number, (_, rows) in enumerate(dealt.split(labels, labels, groups)):
                    fold[rows] = number
        yield from (fold == number for number in range(fold.max() + 1))

    def _check(self, count: int) -> None:
        counts = np.bincount(self.labels, minlength=len(self.class_names))
        rarest = min(np.flatnonzero(counts).tolist(), key=counts.__getitem__)
        if (counts > 0).sum() < 2:
            raise DataError(
                f"all {len(self.labels):,} rows are {self.class_names[rarest]}, and two classes "
                "are needed"
            )
        if count < 2:
            raise DataError(f"folds: found {count}, expected 2 or more")
        if self.times is None and counts[rarest] < count:
            few = int(counts[rarest])
            remedy = (
                f"use {few} folds or fewer, or give more rows of it"
                if few > 1
                else "give more rows of it, or leave the class out"
            )
            raise DataError(
                f"folds: found {count}, but class {self.class_names[rarest]} has {few} row(s), so "
                f"that a fold would lack it; {remedy}"
            )
        for what, values, least in (
            ("groups", self.groups, count),
            ("points in time", self.times, count + 1),
        ):
            found = least if values is None else len(np.unique(values))
            if found < least:
                raise DataError(
                    f"folds: found {count}, which need {least} {what} or more; there are {found}"
                )

    def _check_split(self, split: Split, number: int, count: int) -> None:
        where = f"fold {number + 1} of {count}"
        if not len(split.test) or not len(split.train):
            raise DataError(f"{where} has no rows to {'test' if len(split.train) else 'train'} on")
        absent = np.setdiff1d(self.labels, self.labels[split.train])
        if absent.size:
            names = ", ".join(self.class_names[code] for code in absent.tolist())
            raise DataError(
                f"{where}: its training part has no row of class {names}; use fewer folds"
            )


def _forward(times: NDArray[np.float64], count: int, dealt: Any) -> Iterator[Split]:
    """Cut time into blocks; each is tested by what was learnt from all before it."""
    order = np.argsort(times, kind="stable")
    ordered = times[order]
    begins = [ordered[test[0]] for _, test in dealt.split(order)]
    for begin, end in zip(begins, [*begins[1:], np.inf], strict=True):
        train = np.sort(order[ordered < begin])
        test = np.sort(order[(ordered >= begin) & (ordered < end)])
        yield Split(train, test)
