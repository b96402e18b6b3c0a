"""How much of the scores' spread comes from the fold, and how much from the seed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from roomtone.errors import DataError


@dataclass(frozen=True)
class VarianceSplit:
    """Components of the variance of a model's scores.

    Attributes
    ----------
    fold, seed : float
        Variance between folds, and between seeds on the same fold, in squared units of the score.
    folds, seeds : int
        How many there were.
    """

    fold: float
    seed: float
    folds: int
    seeds: int

    @property
    def seed_share(self) -> float | None:
        """Share of the seed in a single score's variance; None where no score differs."""
        total = self.fold + self.seed
        return self.seed / total if total > 0 else None

    def to_dict(self) -> dict[str, Any]:
        """Return the split as values that JSON can hold."""
        return asdict(self) | {"seed_share": self.seed_share}


def variance_split(scores: ArrayLike) -> VarianceSplit:
    """Split the variance by a one-way analysis with random folds (Searle et al. 1992, chapter 3).

    Runs with a seed of their own on each fold are taken to be exchangeable within it. Both parts
    matter in benchmarks (Bouthillier et al. 2021). A component that comes out below 0 counts as 0.

    Parameters
    ----------
    scores : array_like of float, shape [folds, seeds]
        Scores of one model.

    Raises
    ------
    DataError
        If there are fewer than two folds or two seeds, or a score is not a number.

    Examples
    --------
    >>> round(variance_split([[0.70, 0.72], [0.80, 0.82]]).seed_share, 4)
    0.0392
    """
    table = np.asarray(scores, dtype=np.float64)
    if table.ndim != 2 or min(table.shape) < 2 or not np.all(np.isfinite(table)):
        raise DataError(
            "expected scores of 2 folds and 2 seeds or more, folds by seeds, "
            f"found shape {list(table.shape)}"
        )
    folds, seeds = table.shape
    within = float(table.var(axis=1, ddof=1).mean())
    between = float(table.mean(axis=1).var(ddof=1))
    return VarianceSplit(max(0.0, between - within / seeds), within, folds, seeds)
