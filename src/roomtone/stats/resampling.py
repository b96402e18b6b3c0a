"""Drawing the rows of a test set anew, thousands of times, without touching the rows.

A score that the confusion matrix determines needs sums over rows only. Rows (or whole groups of
them) that add the same to these sums are alike, and are drawn by their number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from roomtone.errors import DataError
from roomtone.stats.confusion import SCORES, Array

Statistic = Callable[[Array], Array]
"""From sums ``[..., models, values]`` to one number each, ``[...]``."""

_CHUNK_VALUES = 2_000_000  # 16 MB of counts at a time, however many kinds of rows there are


@dataclass(frozen=True)
class Units:
    """Independent units of a sample (rows, or groups of rows), alike ones counted together.

    Attributes
    ----------
    sums : sparse array, shape [kinds, models * values]
        What a unit of each kind adds to the sums, model by model.
    counts : ndarray of int64, shape [kinds]
        How many units of each kind there are.
    models : int
        How many models the sums are of.
    """

    sums: Any
    counts: Array
    models: int

    def total(self) -> Array:
        """Return the sums of the sample itself, shape [models, values]."""
        return self._shaped(self.counts @ self.sums)

    def resampled(self, resamples: int, generator: np.random.Generator) -> Iterator[Array]:
        """Yield sums of as many units drawn with replacement, ``[chunk, models, values]``."""
        size, kinds = int(self.counts.sum()), self.counts.size
        for rows in self._chunks(resamples):
            if kinds < size:
                drawn = generator.multinomial(size, self.counts / size, size=rows)
            else:  # all are different: drawing each by its number is ten times as fast
                picked = generator.integers(0, kinds, (rows, kinds))
                picked += np.arange(rows)[:, None] * kinds
                drawn = np.bincount(picked.ravel(), minlength=rows * kinds).reshape(rows, kinds)
            yield self._shaped(drawn @ self.sums)

    def exchanged(self, resamples: int, generator: np.random.Generator) -> Iterator[Array]:
        """Yield sums where a coin decides for each unit whether two models swap their answers."""
        width = self.sums.shape[1] // 2
        shift, total = self.sums[:, width:] - self.sums[:, :width], self.total()
        for rows in self._chunks(resamples):
            swapped = generator.binomial(self.counts, 0.5, size=(rows, self.counts.size)) @ shift
            yield np.stack([total[0] + swapped, total[1] - swapped], axis=1)

    def differing(self) -> int:
        """Return how many units two models answered differently."""
        width = self.sums.shape[1] // 2
        apart = abs(self.sums[:, width:] - self.sums[:, :width]).sum(axis=1) > 0
        return int(self.counts[apart].sum())

    def left_out(self, statistic: Statistic) -> Array:
        """Return the statistic without one unit of each kind, shape [kinds]."""
        total, step = self.total(), max(1, _CHUNK_VALUES // self.sums.shape[1])
        return np.concatenate(
            [
                statistic(total - self._shaped(self.sums[start : start + step].toarray()))
                for start in range(0, self.counts.size, step)
            ]
        )

    def _chunks(self, resamples: int) -> Iterator[int]:
        chunk = max(1, _CHUNK_VALUES // max(self.sums.shape))
        for start in range(0, resamples, chunk):
            yield min(chunk, resamples - start)

    def _shaped(self, sums: Array) -> Array:
        return sums.reshape(*sums.shape[:-1], self.models, -1)


def units(columns: list[Array], width: int, groups: ArrayLike | None = None) -> Units:
    """Count rows by the cells that they fall into.

    Parameters
    ----------
    columns : list of ndarray of int, shape [n] each
        For each model the cell of each row.
    width : int
        How many cells there are.
    groups : array_like, shape [n], optional
        Rows of a group are drawn together, as one unit.

    Raises
    ------
    DataError
        If the groups are not those of the rows.
    """
    models = len(columns)
    cells = np.stack(columns, axis=1) + np.arange(models) * width
    if groups is None:
        cells, counts = np.unique(cells, axis=0, return_counts=True)
        owner = np.arange(len(cells))
    else:
        owner = group_codes(groups, len(cells))
        counts = np.ones(owner.max() + 1, dtype=np.int64)
    return Units(_sparse(owner, cells, np.ones(cells.shape), models * width), counts, models)


def loss_units(losses: list[Array], groups: ArrayLike | None = None) -> Units:
    """Take losses of rows, shape [n] for each model; the sums are of the losses and of the rows."""
    rows, models = losses[0].size, len(losses)
    owner = np.arange(rows) if groups is None else group_codes(groups, rows)
    if groups is None:  # an order that depends neither on that of the rows nor on the models'
        order = np.lexsort([np.ptp(losses, axis=0), np.sum(losses, axis=0)])
        losses = [column[order] for column in losses]
    values = np.stack([part for column in losses for part in (column, np.ones(rows))], axis=1)
    cells = np.broadcast_to(np.arange(2 * models), values.shape)
    counts = np.ones(owner.max() + 1, dtype=np.int64)
    return Units(_sparse(owner, cells, values, 2 * models), counts, models)


def group_codes(groups: ArrayLike, rows: int) -> Array:
    """Give each row the number of its group, from 0; shape [n].

    Raises
    ------
    DataError
        If there is not one group for each row.
    """
    names = np.asarray(groups)
    if names.shape != (rows,):
        raise DataError(f"groups: expected one for each of {rows} rows, found shape {names.shape}")
    return np.asarray(np.unique(names, return_inverse=True)[1])


def score_of(metric: str | Statistic, num_classes: int) -> Statistic:
    """Turn a score of confusion matrices into one of sums, ``[..., cells]`` to ``[...]``."""
    score = SCORES[metric] if isinstance(metric, str) else metric
    return lambda sums: score(sums.reshape(*sums.shape[:-1], num_classes, num_classes))


def _sparse(owner: Array, cells: Array, values: Array, width: int) -> Any:
    """Sum what each row adds to its unit: `owner` is ``[n]``, the others ``[n, additions]``."""
    # Loaded here: what only scores texts imports this package, too, and has to start fast.
    from scipy.sparse import csr_array

    places = np.repeat(owner, cells.shape[1]), cells.ravel()
    return csr_array((values.ravel(), places), shape=(owner.max() + 1, width))
