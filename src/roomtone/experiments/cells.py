"""One cell of a cross-validation: fit a model on one fold, and test it there."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from roomtone.engines.calibrating import calibrate_engine
from roomtone.engines.stacking import features
from roomtone.errors import RoomtoneError, TrainingError
from roomtone.experiments.predictions import Predictions
from roomtone.experiments.recipes import Recipe, Rows, Terms
from roomtone.experiments.record import Cell, cell_name
from roomtone.stats.combining import true_probabilities
from roomtone.stats.logistic import fit_logistic
from roomtone.stats.mixture import fit_mixture
from roomtone.training.manifest import hardware

Done = tuple[Cell, Predictions]


@dataclass(frozen=True, eq=False)
class Parts:
    """The rows of one fold by what they are for; numbers of rows.

    Attributes
    ----------
    fit, validation : ndarray of int64
        The training part: what is learnt from, and what is held out from that.
    test : ndarray of int64
        The rest.
    """

    fit: NDArray[np.int64]
    validation: NDArray[np.int64]
    test: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Task:
    """What a process needs to compute a cell, wherever it runs.

    Attributes
    ----------
    model : str
        Its name.
    repeat, fold : int
        From 0.
    recipe : Recipe
        How it is fitted.
    parts : Parts
        The fold's rows.
    train, validation, test : Rows
        The same rows themselves.
    terms : Terms
        Classes, seed and threads.
    """

    model: str
    repeat: int
    fold: int
    recipe: Recipe
    parts: Parts
    train: Rows
    validation: Rows
    test: Rows
    terms: Terms

    @property
    def name(self) -> str:
        """The name of its cell."""
        return cell_name(self.model, self.repeat, self.fold, self.terms.seed)


def rows_of(texts: Sequence[str], labels: NDArray[np.int64], rows: NDArray[np.int64]) -> Rows:
    """Take some rows."""
    return Rows([texts[row] for row in rows.tolist()], labels[rows])


def compute(task: Task) -> Done:
    """Fit, calibrate and test.

    The rows held out from the training part choose when to stop, and calibrate; what the model
    says of them is kept, so that combinations can be fitted on it.

    Raises
    ------
    TrainingError
        If the model cannot be fitted; says which, and in which fold.
    """
    from threadpoolctl import threadpool_limits

    began = time.perf_counter()
    terms, held_out = task.terms, task.validation
    try:
        with threadpool_limits(terms.threads):
            engine, details = task.recipe.fit(task.train, held_out, terms)
            calibrate_engine(engine, held_out.texts, held_out.labels, seed=terms.seed)
            probabilities = engine.predict_proba(task.test.texts)
            of_held_out = engine.predict_proba(held_out.texts)
    except RoomtoneError as error:
        # One plain text: errors with more inside do not all travel between processes.
        raise TrainingError(f"{task.name}: {error}") from None
    found = Predictions(
        rows=task.parts.test,
        labels=task.test.labels,
        predictions=probabilities.argmax(axis=1).astype(np.int64),
        probabilities=probabilities,
        validation_rows=task.parts.validation,
        validation_probabilities=of_held_out,
    )
    del engine
    if task.recipe.threaded:
        _free_memory()
    cell = Cell(
        model=task.model,
        repeat=task.repeat,
        fold=task.fold,
        seed=terms.seed,
        n_train=len(task.parts.fit) + len(task.parts.validation),
        n_test=len(task.parts.test),
        metrics=found.metrics(terms.class_names),
        details=details,
        seconds=round(time.perf_counter() - began, 3),
        threads=terms.threads,
        machine=hardware(task.recipe.device()),
    )
    return cell, found


def combine(
    kind: str,
    like: Cell,
    members: Mapping[str, Predictions],
    labels: NDArray[np.int64],
    class_names: Sequence[str],
) -> Done:
    """Combine what the models of one fold said; none of them is fitted again.

    Parameters
    ----------
    kind : str
        ``"ensemble"``, a vote whose weights are fitted; or ``"stacking"``, a logistic model.
    like : Cell
        The cell of a member.
    members : mapping of str to Predictions
        What each model said of the fold's test rows, and of those held out from its training part.
    labels : ndarray of int64
        The class codes of all rows of the data.
    class_names : sequence of str
        The classes.
    """
    began = time.perf_counter()
    first = next(iter(members.values()))
    said, held_out = (
        np.stack([np.asarray(getattr(found, part)) for found in members.values()])
        for part in ("probabilities", "validation_probabilities")
    )
    codes = labels[np.asarray(first.validation_rows)]
    if kind == "ensemble":
        weights = fit_mixture(true_probabilities(held_out, codes))
        # Not a product of matrices, whose last bits depend on how many rows there are.
        probabilities = np.sum([w * p for w, p in zip(weights, said, strict=True)], axis=0)
        details: dict[str, Any] = {"weights": dict(zip(members, weights.tolist(), strict=True))}
    else:
        meta = fit_logistic(features(held_out), codes, len(class_names))
        probabilities = np.exp(meta.log_probs(features(said)))
        details = {"members": list(members)}
    found = Predictions(
        rows=first.rows,
        labels=first.labels,
        predictions=probabilities.argmax(axis=1).astype(np.int64),
        probabilities=probabilities,
    )
    cell = Cell(
        model=kind,
        repeat=like.repeat,
        fold=like.fold,
        seed=like.seed,
        n_train=like.n_train,
        n_test=like.n_test,
        metrics=found.metrics(class_names),
        details=details,
        seconds=round(time.perf_counter() - began, 3),
        threads=1,
        machine=hardware(),
    )
    return cell, found


def _free_memory() -> None:
    """Give back what a model held; a network refers to itself, and would stay a while."""
    gc.collect()
    if "torch" in sys.modules:
        sys.modules["torch"].cuda.empty_cache()
