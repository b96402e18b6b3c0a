"""Cross-validation of anything that has `fit` and `predict`, in memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from roomtone.errors import DataError
from roomtone.experiments.folder import write_result
from roomtone.experiments.material import Labels, group_codes, rows_of, take
from roomtone.experiments.predictions import Predictions
from roomtone.experiments.record import (
    Cell,
    CrossValidation,
    DataFile,
    ModelResult,
    Plan,
    check_names,
)
from roomtone.experiments.splitting import Dealer, Split
from roomtone.experiments.summary import summarise
from roomtone.experiments.table import as_text
from roomtone.files import write_json
from roomtone.training.manifest import hardware, versions

ModelSource = Any
"""A function without parameters that makes a model, a class, or a model to make copies of."""


@dataclass(frozen=True, eq=False)
class EvaluationResult:
    """What an evaluation found; `print` shows it as a table.

    Attributes
    ----------
    record : CrossValidation
        Scores of all folds, mean and sd, pooled values, intervals, comparisons.
    cells : tuple of Cell
        One for each model and fold.
    predictions : dict of str to Predictions
        What was said of each row, by the names of the cells.
    """

    record: CrossValidation
    cells: tuple[Cell, ...]
    predictions: dict[str, Predictions]

    def __getitem__(self, name: str) -> ModelResult:
        """Return the result of a model."""
        return self.record[name]

    def __str__(self) -> str:
        """Show means, intervals and comparisons."""
        return as_text(self.record)

    def to_dict(self) -> dict[str, Any]:
        """Return the record as values that JSON can hold."""
        return self.record.to_dict()

    def save(self, path: Path | str) -> Path:
        """Write the result.

        Parameters
        ----------
        path : Path or str
            A name with ``.json`` is a file of the record alone. Any other is a folder, as `roomtone
            crossval` leaves one, with the predictions too, which `roomtone report` reads.
        """
        place = Path(path)
        if place.suffix == ".json":
            write_json(place, self.to_dict())
        else:
            write_result(place, self.record, self.cells, self.predictions)
        return place


class ThesisEvaluationFramework:
    """Evaluates models by stratified cross-validation, all of them on the same folds.

    Parameters
    ----------
    n_folds : int
        How many folds.
    random_state : int
        Decides the folds: those of scikit-learn's `StratifiedKFold`, shuffled with this seed, or
        of `StratifiedGroupKFold` where there are groups.

    Examples
    --------
    >>> from sklearn.dummy import DummyClassifier
    >>> evaluator = ThesisEvaluationFramework(n_folds=5)
    >>> texts, labels = ["good"] * 20 + ["bad"] * 10, [1] * 20 + [0] * 10
    >>> result = evaluator.evaluate({"majority": DummyClassifier}, texts, labels)
    >>> round(result["majority"].mean["accuracy"], 3)
    0.667
    """

    def __init__(self, n_folds: int = 10, random_state: int = 42) -> None:
        self.n_folds = n_folds
        self.random_state = random_state

    def evaluate(
        self,
        model_fn: ModelSource | Mapping[str, ModelSource],
        X: Any,  # noqa: N803 - scikit-learn's name for it
        y: ArrayLike,
        groups: ArrayLike | None = None,
        *,
        classes: Sequence[Any] | None = None,
        reference: str | None = None,
    ) -> EvaluationResult:
        """Fit and test a new model, or several, in every fold.

        Nothing is shared between folds: a model that learns vocabulary, weights or thresholds in
        its `fit` learns them from the training part alone. One whose `fit` does nothing is tested
        as it is; if it was trained on these rows, its scores say nothing of new ones.

        Parameters
        ----------
        model_fn : callable, or mapping of str to callable
            Called for each fold; gives something with ``fit(X, y)`` and ``predict(X)``, and
            ``predict_proba(X)`` if it can tell probabilities. A scikit-learn estimator, of which
            copies are fitted, does as well.
        X : sequence of str, ndarray, sparse matrix, Series or DataFrame; n rows
            Texts, or features.
        y : array_like, shape [n]
            Labels: numbers or strings.
        groups : array_like, shape [n], optional
            The video or author of each row: its rows are in one fold.
        classes : sequence, optional
            All labels, in their order; those that occur in `y`, sorted, where not given.
        reference : str, optional
            The model that the others are compared with; each with each other where not given.

        Raises
        ------
        DataError
            If rows and labels do not fit, they cannot be dealt out to as many folds, or a model
            gives labels or probabilities that cannot be.
        """
        sources = _named(model_fn)
        labels = Labels.of(y, classes)
        count = len(labels.codes)
        if rows_of(X) != count:
            raise DataError(f"X has {rows_of(X):,} rows but y has {count:,} labels")
        of_rows = None if groups is None else group_codes(groups, count)
        dealer = Dealer(labels.codes, labels.names, groups=of_rows)
        splits = dealer.folds(self.n_folds, self.random_state)
        cells: list[Cell] = []
        predictions: dict[str, Predictions] = {}
        for name, source in sources.items():
            for number, split in enumerate(splits):
                began = time.perf_counter()
                try:
                    found = _tested(_built(name, source), X, y, labels, split)
                    metrics = found.metrics(labels.names)
                except Exception as error:
                    error.add_note(f"model {name!r}, fold {number + 1} of {len(splits)}")
                    raise
                cell = Cell(
                    *(name, 0, number, self.random_state, len(split.train), len(split.test)),
                    metrics=metrics,
                    seconds=round(time.perf_counter() - began, 3),
                    machine=hardware(),
                )
                cells.append(cell)
                predictions[cell.name] = found
        plan = Plan(
            data=(DataFile("memory", count, ""),),
            class_names=labels.names,
            class_counts=tuple(np.bincount(labels.codes, minlength=len(labels.names)).tolist()),
            scheme=dealer.scheme,
            column=None if groups is None else "groups",
            folds=dict.fromkeys(sources, self.n_folds),
            repeats=1,
            seeds=(self.random_state,),
            validation_share=0.0,
            models={name: {"model": _described(source)} for name, source in sources.items()},
            versions=versions(),
        )
        record = summarise(plan, cells, predictions, groups=of_rows, reference=reference)
        return EvaluationResult(record, tuple(cells), predictions)


def _named(model_fn: ModelSource | Mapping[str, ModelSource]) -> dict[str, ModelSource]:
    if isinstance(model_fn, Mapping):
        if not model_fn:
            raise DataError("model_fn: expected at least one model, found none")
        named = {str(name): source for name, source in model_fn.items()}
        check_names(named)
        return named
    return {getattr(model_fn, "__name__", type(model_fn).__name__): model_fn}


def _built(name: str, source: ModelSource) -> Any:
    """Make a model that has learnt nothing yet."""
    if hasattr(source, "fit") and not isinstance(source, type):
        from sklearn.base import clone

        model = clone(source, safe=False)
    elif callable(source):
        make: Callable[[], Any] = source
        model = make()
    else:
        raise DataError(f"model {name!r}: expected a function that makes a model, found {source!r}")
    lacking = [part for part in ("fit", "predict") if not hasattr(model, part)]
    if lacking:
        raise DataError(
            f"model {name!r}: {type(model).__name__} has no {' and no '.join(lacking)}; a model "
            "needs fit(X, y) and predict(X)"
        )
    return model


def _described(source: ModelSource) -> str:
    if hasattr(source, "fit") and not isinstance(source, type):
        return " ".join(repr(source).split())
    return str(getattr(source, "__qualname__", type(source).__name__))


def _tested(model: Any, X: Any, y: ArrayLike, labels: Labels, split: Split) -> Predictions:  # noqa: N803
    model.fit(take(X, split.train), take(y, split.train))
    inputs = take(X, split.test)
    predicted = labels.coded(model.predict(inputs), len(split.test))
    probabilities: NDArray[np.float64] | None = None
    if callable(getattr(model, "predict_proba", None)):
        known = getattr(model, "classes_", None)
        probabilities = labels.aligned(model.predict_proba(inputs), known, len(split.test))
    return Predictions(split.test, labels.codes[split.test], predicted, probabilities)
