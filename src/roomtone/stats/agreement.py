"""How far annotators agree, beyond what chance would give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from roomtone.errors import DataError
from roomtone.stats.confusion import Array, cohen_kappa, confusion_matrix, divide
from roomtone.stats.intervals import (
    Interval,
    bca_interval,
    bootstrap_interval,
    bootstrap_replicates,
)
from roomtone.stats.resampling import Units

MISSING = -1
"""Stands for an item that an annotator has not labelled."""


@dataclass(frozen=True)
class PairAgreement:
    """Two annotators, on the items that both labelled.

    Attributes
    ----------
    first, second : str
        Who they are.
    items : int
        How many items both labelled.
    agreed : float
        Share of these that got the same label.
    kappa : float
        Cohen's kappa (1960); 0 where chance alone explains everything.
    interval : Interval
        Bootstrap over items.
    """

    first: str
    second: str
    items: int
    agreed: float
    kappa: float
    interval: Interval


@dataclass(frozen=True)
class Agreement:
    """All annotators together.

    Attributes
    ----------
    alpha : float
        Krippendorff's alpha for nominal data: 1 is full agreement, 0 what chance gives; 0 also
        where only one class was ever used, since that shows nothing.
    interval : Interval
        Bootstrap over items.
    items, labels : int
        Items that two or more labelled, and their labels; others say nothing about agreement.
    pairs : tuple of PairAgreement
        Those who have at least one item in common.
    """

    alpha: float
    interval: Interval
    items: int
    labels: int
    pairs: tuple[PairAgreement, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the agreement as values that JSON can hold."""
        return asdict(self) | {"pairs": [asdict(pair) for pair in self.pairs]}


def agreement(
    ratings: Mapping[str, ArrayLike],
    num_classes: int,
    *,
    level: float = 0.95,
    resamples: int = 2000,
    seed: int = 42,
) -> Agreement:
    """Measure the agreement of two annotators or more, each of whom may have left out items.

    Intervals draw items with replacement and keep an item's labels together (BCa, Efron 1987).

    Parameters
    ----------
    ratings : mapping of str to array_like of int, shape [items]
        Each annotator's class codes; `MISSING` for an item without a label.
    num_classes : int
        How many classes there are.
    level : float
        Nominal coverage of the intervals.
    resamples, seed : int
        Of the bootstrap.

    Raises
    ------
    DataError
        If the lengths differ, a code is not that of a class, or no item has two labels.

    Examples
    --------
    >>> found = agreement({"ana": [0, 1, 2, 0], "bo": [0, 1, 1, 0], "cy": [-1, 1, 2, 0]}, 3)
    >>> round(found.alpha, 3), [round(pair.kappa, 3) for pair in found.pairs]
    (0.737, [0.6, 1.0, 0.5])
    """
    if not 0 < level < 1 or resamples < 2:
        raise DataError(f"level {level} must lie between 0 and 1, resamples {resamples} from 2 up")
    table = _table(ratings, num_classes)
    counts = (table[:, :, None] == np.arange(num_classes)).sum(axis=0)  # [items, classes]
    counts = counts[counts.sum(axis=1) >= 2]
    if not len(counts):
        raise DataError("no item has labels of two annotators, so there is no agreement to measure")
    sample = _items(counts)
    replicates = bootstrap_replicates(sample, _alpha, resamples, seed)
    pairs = [
        _pair(names, table[list(at)], num_classes, level=level, resamples=resamples, seed=seed)
        for at, names in zip(
            combinations(range(len(table)), 2), combinations(ratings, 2), strict=True
        )
        if (table[list(at)] != MISSING).all(axis=0).any()
    ]
    return Agreement(
        alpha=float(_alpha(sample.total())),
        interval=bca_interval(sample, _alpha, replicates, level),
        items=len(counts),
        labels=int(counts.sum()),
        pairs=tuple(pairs),
    )


def _table(ratings: Mapping[str, ArrayLike], num_classes: int) -> Array:
    """Stack the annotators' codes, shape [annotators, items]."""
    columns = {name: np.asarray(codes) for name, codes in ratings.items()}
    lengths = {name: codes.shape for name, codes in columns.items()}
    if len(columns) < 2 or len(set(lengths.values())) > 1 or len(next(iter(lengths.values()))) != 1:
        found = ", ".join(f"{name} {list(shape)}" for name, shape in lengths.items()) or "none"
        raise DataError(
            f"expected labels of two annotators or more of the same items, found {found}"
        )
    for name, codes in columns.items():
        if codes.dtype.kind not in "iu" or ((codes < MISSING) | (codes >= num_classes)).any():
            raise DataError(
                f"labels of {name!r}: expected whole codes from 0 to {num_classes - 1}, or "
                f"{MISSING} where there is none"
            )
    return np.stack([codes.astype(np.int64) for codes in columns.values()])


def _items(counts: Array) -> Units:
    """Say what each item adds to alpha's sums; `counts` is [items, classes]."""
    from scipy.sparse import csr_array

    kinds, many = np.unique(counts, axis=0, return_counts=True)
    labels = kinds.sum(axis=1)
    apart = (labels**2 - (kinds**2).sum(axis=1)) / (labels - 1)
    return Units(csr_array(np.column_stack([apart, kinds]).astype(float)), many, 1)


def _alpha(sums: Array) -> Array:
    """Krippendorff (2011), nominal differences: ``[..., 1, 1 + classes]`` to ``[...]``."""
    observed, classes = sums[..., 0, 0], sums[..., 0, 1:]
    total = classes.sum(axis=-1)
    expected = (total**2 - (classes**2).sum(axis=-1)) / (total - 1)
    return divide(expected - observed, expected)


def _pair(names: tuple[str, str], both: Array, num_classes: int, **bootstrap: Any) -> PairAgreement:
    first, second = both[:, (both != MISSING).all(axis=0)]
    return PairAgreement(
        *names,
        items=len(first),
        agreed=float((first == second).mean()),
        kappa=float(cohen_kappa(confusion_matrix(first, second, num_classes))),
        interval=bootstrap_interval(first, second, num_classes, "cohen_kappa", **bootstrap),
    )
