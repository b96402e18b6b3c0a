"""How much of the gain of the best of many settings is the luck of having been chosen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from roomtone.errors import DataError, nearest
from roomtone.stats.confusion import SCORES, Array, class_codes

_LEVEL = 0.95
_CHUNK_VALUES = 4_000_000  # 32 MB of sums at a time


@dataclass(frozen=True)
class SelectionNoise:
    """What the best of several settings gains, as it seems and as new rows would show.

    Attributes
    ----------
    metric : str
        What was compared.
    best, reference : str
        The setting with the best score on all rows, and the one that gains are over.
    rows, settings : int
        How many there are.
    apparent, corrected : float
        Gain of the best, in units of the metric and above 0 where it is better: on the rows that
        chose it, and on rows that did not.
    low, high : float
        Percentiles of the corrected gain over the resamples.
    level : float
        Share of the resamples between them.
    chosen : dict of str to float
        How often each setting was the best on resampled rows; those never chosen are left out.
    resamples : int
        How many there were.
    """

    metric: str
    best: str
    reference: str
    rows: int
    settings: int
    apparent: float
    corrected: float
    low: float
    high: float
    level: float
    chosen: dict[str, float]
    resamples: int

    @property
    def noise(self) -> float:
        """The part of the apparent gain that is selection noise, in units of the metric."""
        return self.apparent - self.corrected

    def to_dict(self) -> dict[str, Any]:
        """Return it as values that JSON can hold."""
        return {**asdict(self), "noise": self.noise}


def selection_noise(
    labels: ArrayLike,
    predicted: Mapping[str, ArrayLike],
    num_classes: int,
    metric: str = "f1_macro",
    *,
    reference: str,
    resamples: int = 1000,
    seed: int = 42,
) -> SelectionNoise:
    """Estimate the gain of choosing the best of several settings, without the luck of the choice.

    The best of many scores is high in part because its rows happened to suit it (Cawley & Talbot
    2010, "On Over-fitting in Model Selection and Subsequent Selection Bias in Performance
    Evaluation"). Nothing is trained anew: after Tsamardinos, Greasidou & Borboudakis (2018),
    "Bootstrapping the out-of-sample predictions for efficient and accurate cross-validation",
    algorithm 3 (BBC-CV), rows are drawn with replacement, the best setting is chosen on them, and
    measured on the rows that were not drawn, about 37 % of them. The reference is measured on the
    same rows; the mean of the differences is the corrected gain, their percentiles are its
    interval. Of equal scores the first setting wins.

    The estimate is cautious: a resample holds 63 % of the rows, and chooses less well than all of
    them do, so that the corrected gain lies below the true one on average where settings differ.
    Its interval is wide, and holds the luck of the few rows that were not drawn.

    What this cannot see: the luck of a training seed, which is the same on all rows; that the best
    epoch of each setting was chosen on these rows, too; and that a search which goes from good to
    better looks near what has already been lucky.

    Parameters
    ----------
    labels : array_like of int, shape [n]
        True class codes of the validation rows.
    predicted : mapping of str to array_like of int, shape [n]
        Each setting's predictions.
    num_classes : int
        How many classes there are.
    metric : str
        A key of :data:`roomtone.stats.SCORES`.
    reference : str
        The setting that gains are over.
    resamples : int
        How often rows are drawn.
    seed : int
        Seed of the drawing.

    Raises
    ------
    DataError
        If the metric or the reference is unknown, or the lengths differ.
    """
    if metric not in SCORES:
        raise DataError(f"unknown metric {metric!r}{nearest(metric, SCORES)}")
    true = class_codes(labels, num_classes, "labels")
    columns = {
        name: class_codes(codes, num_classes, f"predictions of {name!r}")
        for name, codes in predicted.items()
    }
    _check(columns, true.size, reference)
    width = num_classes**2
    cells = np.stack([true * num_classes + column for column in columns.values()])  # [settings, n]
    sums = _incidence(cells, width)

    def scores(weights: Array) -> Array:
        """Score each setting on weighted rows, ``[resamples, n]`` to ``[resamples, settings]``."""
        counts = (sums @ weights.T).T.reshape(len(weights), -1, num_classes, num_classes)
        return SCORES[metric](counts)

    estimate = _Estimate(scores, list(columns), true.size, resamples, seed)
    return estimate.over(reference, metric)


def loss_selection_noise(
    losses: Mapping[str, ArrayLike],
    metric: str = "log_loss",
    *,
    reference: str,
    resamples: int = 1000,
    seed: int = 42,
) -> SelectionNoise:
    """Do the same for a mean of losses of rows, of which less is better.

    Parameters
    ----------
    losses : mapping of str to array_like of float, shape [n]
        Each setting's.
    metric : str
        What their mean is called.
    reference, resamples, seed
        As of `selection_noise`.

    Raises
    ------
    DataError
        If the reference is unknown, or the lengths differ.
    """
    columns = {name: np.asarray(values, dtype=np.float64) for name, values in losses.items()}
    rows = next(iter(columns.values())).size if columns else 0
    _check(columns, rows, reference)
    table = np.stack(list(columns.values()))  # [settings, n]

    def scores(weights: Array) -> Array:
        """Score each setting on weighted rows; the sign makes more the better."""
        return np.asarray(-(weights @ table.T) / weights.sum(axis=1, keepdims=True))

    return _Estimate(scores, list(columns), rows, resamples, seed).over(reference, metric)


@dataclass(frozen=True)
class _Estimate:
    """Choosing on the rows that are drawn, measuring on the others, again and again."""

    scores: Callable[[Array], Array]
    names: list[str]
    rows: int
    resamples: int
    seed: int

    def over(self, reference: str, metric: str) -> SelectionNoise:
        """Collect the gains over one of the settings."""
        place, whole = self.names.index(reference), self.scores(np.ones((1, self.rows)))[0]
        pairs = zip(*self._resampled(place), strict=True)
        winners, gain = (np.concatenate(column) for column in pairs)
        shares = np.bincount(winners, minlength=len(self.names)) / self.resamples
        low, high = np.quantile(gain, [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
        best = int(whole.argmax())
        return SelectionNoise(
            metric=metric,
            best=self.names[best],
            reference=reference,
            rows=self.rows,
            settings=len(self.names),
            apparent=float(whole[best] - whole[place]),
            corrected=float(gain.mean()),
            low=float(low),
            high=float(high),
            level=_LEVEL,
            chosen={n: float(s) for n, s in zip(self.names, shares, strict=True) if s},
            resamples=self.resamples,
        )

    def _resampled(self, place: int) -> Iterator[tuple[Array, Array]]:
        generator = np.random.default_rng(self.seed)
        step = max(1, _CHUNK_VALUES // max(self.rows, 9 * len(self.names)))
        for start in range(0, self.resamples, step):
            drawn = _draw(generator, min(step, self.resamples - start), self.rows)
            chosen = self.scores(drawn).argmax(axis=1)
            outside = self.scores((drawn == 0).astype(np.float64))
            yield chosen, outside[np.arange(len(drawn)), chosen] - outside[:, place]


def _draw(generator: np.random.Generator, resamples: int, rows: int) -> Array:
    """Count how often each row is drawn, ``[resamples, rows]``; some row is always left out."""
    picked = generator.integers(0, rows, (resamples, rows)) + np.arange(resamples)[:, None] * rows
    counts = np.bincount(picked.ravel(), minlength=resamples * rows).reshape(resamples, rows)
    complete = (counts > 0).all(axis=1)  # of 3 rows one draw in four
    counts[complete, 0] = 0
    return counts.astype(np.float64)


def _incidence(cells: Array, width: int) -> Any:
    """Tell which cell of which setting each row counts in: sparse, ``[settings * width, n]``."""
    # Loaded here: what only scores texts imports this package, too, and has to start fast.
    from scipy.sparse import csr_array

    settings, rows = cells.shape
    places = (cells + np.arange(settings)[:, None] * width).ravel()
    columns = np.tile(np.arange(rows), settings)
    return csr_array((np.ones(places.size), (places, columns)), shape=(settings * width, rows))


def _check(columns: Mapping[str, Array], rows: int, reference: str) -> None:
    if reference not in columns:
        raise DataError(f"no setting {reference!r} to compare with{nearest(reference, columns)}")
    sizes = {name: column.size for name, column in columns.items()}
    if set(sizes.values()) != {rows} or rows < 2:
        raise DataError(f"the same 2 rows or more are expected of each setting, found {sizes}")
