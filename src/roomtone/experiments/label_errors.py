"""Labels that are probably wrong, by confident learning.

A row is suspected if a model that saw neither it nor a near copy of it is sure of another class
(Northcutt, Jiang & Chuang 2021, "Confident learning: estimating uncertainty in dataset labels";
cleanlab is the authors' own implementation). The model is a logistic regression over TF-IDF, which
a meaning that needs more than words escapes: what it suspects is to be read, not to be deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from roomtone.baselines import TfidfOptions, build_baseline
from roomtone.engines.base import SentimentEngine
from roomtone.engines.stacking_fit import out_of_fold
from roomtone.engines.tfidf import TfidfEngine
from roomtone.errors import DataError, require
from roomtone.stats.confusion import Array

FOLDS = 5
MARGIN = 0.6
"""A row is suspected where another class is so much more probable than its own."""
FEWEST_ROWS = 100
"""With fewer rows no model is worth listening to."""

# Of the choices tried on planted errors, this one found most at any number of suspects.
_OPTIONS = TfidfOptions(max_ngram=2, min_df=2, balanced=False)


@dataclass(frozen=True, eq=False)
class LabelErrors:
    """Rows whose labels the others speak against.

    Attributes
    ----------
    rows : ndarray of int64, shape [n_suspects]
        Which rows, the surest ones first.
    suggested : ndarray of int64, shape [n_suspects]
        The class that the model takes each for.
    margin : ndarray of float64, shape [n_suspects]
        How much more probable that class is than the given one, `MARGIN` to 1.
    probability : ndarray of float64, shape [n_suspects]
        Of the suggested class.
    noise : dict of int to float
        For each class that was judged, the share of its labels that confident learning takes
        for wrong; too high where the model is weak.
    agreement : float
        Share of the labels that the model predicts.
    """

    rows: NDArray[np.int64]
    suggested: NDArray[np.int64]
    margin: Array
    probability: Array
    noise: dict[int, float]
    agreement: float


def missing_packages() -> tuple[str, ...]:
    """Name the packages that `find_label_errors` needs and that are not installed."""
    needed = {"sklearn": "scikit-learn", "cleanlab": "cleanlab"}
    return tuple(name for module, name in needed.items() if find_spec(module) is None)


def find_label_errors(
    texts: Sequence[str],
    labels: NDArray[np.int64],
    groups: NDArray[np.int64],
    *,
    seed: int = 42,
    progress: Callable[[float], object] = lambda _: None,
) -> LabelErrors:
    """Find the labels that are probably wrong.

    Parameters
    ----------
    texts : sequence of str
        All rows, of all files.
    labels : ndarray of int64, shape [n]
        Their class codes; rows of -1 are left out.
    groups : ndarray of int64, shape [n]
        Rows of one group, near duplicates above all, are judged by models that saw none of them.
    seed : int
        Decides the folds.
    progress : callable
        Gets the share that is done.

    Raises
    ------
    DataError
        If fewer than two classes have enough rows.
    MissingExtraError
        If cleanlab or scikit-learn is not installed.
    """
    filters = require("cleanlab.filter", extra="audit", purpose="Finding label errors")
    counting = require("cleanlab.count", extra="audit", purpose="Finding label errors")
    judged, classes, given = _judged(labels, groups)
    names = [str(code) for code in classes.tolist()]
    done = 0

    def fit(seen: list[str], codes: NDArray[np.int64]) -> SentimentEngine:
        nonlocal done
        pipeline = build_baseline("logreg", seed=seed, options=_OPTIONS)
        try:
            pipeline.fit(seen, codes)
        except ValueError as error:
            raise DataError(f"no model can be fitted on these rows: {error}") from error
        done += 1
        progress(done / FOLDS)
        prior = np.bincount(codes, minlength=len(names)) / codes.size
        return TfidfEngine.from_pipeline(pipeline, "logreg", names, prior=prior)

    chosen = list(compress(texts, judged))
    (probs,) = out_of_fold(
        {"logreg": fit}, chosen, given, folds=FOLDS, seed=seed, groups=groups[judged]
    )
    suspects = filters.find_label_issues(
        given, probs, filter_by="prune_by_noise_rate", n_jobs=1, verbose=False
    )
    joint = counting.compute_confident_joint(given, probs)
    own = probs[np.arange(given.size), given]
    margin = probs.max(axis=1) - own
    found = np.flatnonzero(suspects & (margin >= MARGIN))
    found = found[np.argsort(-margin[found], kind="stable")]
    best = probs.argmax(axis=1)
    off = joint.sum(axis=1) - np.diagonal(joint)
    return LabelErrors(
        rows=np.flatnonzero(judged)[found],
        suggested=classes[best[found]],
        margin=margin[found],
        probability=probs.max(axis=1)[found],
        noise={
            int(code): float(wrong / max(total, 1))
            for code, wrong, total in zip(classes, off, joint.sum(axis=1), strict=True)
        },
        agreement=float((best == given).mean()),
    )


def _judged(
    labels: NDArray[np.int64], groups: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], NDArray[np.int64], NDArray[np.int64]]:
    """Choose the rows of classes that every fold can have; number these classes anew."""
    n_classes = int(labels.max(initial=-1)) + 1
    spread = [len(np.unique(groups[labels == code])) for code in range(n_classes)]
    classes = np.flatnonzero(np.array(spread) >= FOLDS)
    judged = np.isin(labels, classes)
    if classes.size < 2 or judged.sum() < FEWEST_ROWS:
        raise DataError(
            f"label errors: expected two classes of {FOLDS} different texts or more, and "
            f"{FEWEST_ROWS} rows in all; found {classes.size} such classes with "
            f"{int(judged.sum())} rows"
        )
    return judged, classes, np.searchsorted(classes, labels[judged])
