"""What a cross-validation leaves: its plan, its finished cells, and what comes of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

from roomtone.errors import DataError
from roomtone.experiments.json_record import Record
from roomtone.stats import Interval

PLAN, CELLS, MEMBERS, RESULT = "plan.json", "cells", "members", "crossval.json"
_LONGEST = (
    60  # signs of a name; in some scripts a sign takes four of the 255 bytes of a file's name
)


@dataclass(frozen=True)
class DataFile(Record):
    """One file of labelled rows.

    Attributes
    ----------
    file : str
        Its name, without the folder.
    rows : int
        Its usable rows.
    sha256 : str
        Hash of its bytes.
    """

    file: str
    rows: int
    sha256: str


@dataclass(frozen=True)
class Plan(Record):
    """All that the result of a cross-validation depends on.

    Attributes
    ----------
    data : tuple of DataFile
        The files; a row's number counts the usable rows of all of them, in this order, from 0.
    class_names : tuple of str
        The classes, in the order of their codes.
    class_counts : tuple of int
        Rows of each class.
    scheme : str
        ``"stratified"``, ``"grouped"`` or ``"time"``.
    column : str or None
        The column of the groups, or of the times.
    folds : dict of str to int
        How many folds each model has.
    repeats : int
        How often the rows are dealt out anew.
    seeds : tuple of int
        Each model is fitted once in every fold with each of them. The first also decides the folds.
    validation_share : float
        The share of each training part that was held out to stop and to calibrate; 0 where the
        models had the whole of it.
    models : dict of str to dict
        The settings of each model.
    versions : dict of str to str
        Python and the packages that results depend on.
    """

    data: tuple[DataFile, ...]
    class_names: tuple[str, ...]
    class_counts: tuple[int, ...]
    scheme: str
    column: str | None
    folds: dict[str, int]
    repeats: int
    seeds: tuple[int, ...]
    validation_share: float
    models: dict[str, dict[str, Any]]
    versions: dict[str, str]

    @property
    def rows(self) -> int:
        """How many rows the files have together."""
        return sum(file.rows for file in self.data)

    @property
    def digest(self) -> str:
        """Hash of the plan."""
        text = json.dumps(self.to_dict(), sort_keys=True, ensure_ascii=False)
        return sha256(text.encode("utf-8")).hexdigest()


@dataclass(frozen=True)
class Cell(Record):
    """One model, fitted on the training rows of one fold, tested on its test rows.

    Attributes
    ----------
    model : str
    repeat, fold, seed : int
        Repeat and fold from 0; the seed as in the plan.
    n_train, n_test : int
        Rows.
    metrics : dict
        As of `roomtone.stats.ClassificationMetrics`, per-class values by class name, and ``"auc"``.
    details : dict
        What the model says of its fit: epochs, features, weights of an ensemble.
    seconds : float
        From the first step of fitting to the last prediction.
    threads : int
        Threads of the arithmetic.
    machine : dict
        The computer that did it, as of `roomtone.training.manifest.hardware`; another one may have
        computed other cells. Empty in older records.
    """

    model: str
    repeat: int
    fold: int
    seed: int
    n_train: int
    n_test: int
    metrics: dict[str, Any]
    details: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    threads: int = 1
    machine: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of its files, without the suffix."""
        return cell_name(self.model, self.repeat, self.fold, self.seed)


@dataclass(frozen=True)
class ModelResult(Record):
    """What one model reached.

    Attributes
    ----------
    name : str
    folds : tuple of dict
        Each cell but for its times and its machine: ``repeat``, ``fold``, ``seed``, ``metrics``
        and so on.
    mean, sd : dict of str to float
        Of each score over the folds, each the mean over its seeds; None where it is undefined.
    seed_sd : dict of str to float
        Over the seeds within a fold (the root of the mean variance); None with a single seed.
    intervals : dict of str to Interval
        Of the mean, by the corrected resampled t (Nadeau & Bengio 2003).
    pooled : dict
        The metrics of the predictions of all folds taken together.
    pooled_intervals : dict of str to Interval
        Of these, by the bootstrap over rows, or over groups where there are any.
    variance : dict of str to dict
        Of the compared scores, how much comes from the fold and how much from the seed; as of
        `roomtone.stats.variance.VarianceSplit`. Empty with a single seed.
    """

    name: str
    folds: tuple[dict[str, Any], ...]
    mean: dict[str, float | None]
    sd: dict[str, float | None]
    seed_sd: dict[str, float | None]
    intervals: dict[str, Interval]
    pooled: dict[str, Any]
    pooled_intervals: dict[str, Interval]
    variance: dict[str, dict[str, float | None]] = field(default_factory=dict)


@dataclass(frozen=True)
class CrossValidation(Record):
    """The result of a cross-validation: ``crossval.json``.

    Attributes
    ----------
    plan : Plan
    models : tuple of ModelResult
        In the order of the plan.
    comparisons : tuple of dict
        As of `roomtone.stats.choosing.Comparison`.
    notes : tuple of str
        What a reader has to know: models over other folds, copies of rows in several folds.
    """

    plan: Plan
    models: tuple[ModelResult, ...]
    comparisons: tuple[dict[str, Any], ...] = ()
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the record as values that JSON can hold, and the plan's digest."""
        return {"digest": self.plan.digest, **super().to_dict()}

    @classmethod
    def load(cls, folder: Path | str) -> Self:
        """Read the result from the folder of a finished cross-validation.

        Raises
        ------
        DataError
            If there is none.
        """
        path = Path(folder) / RESULT
        if not path.is_file() and (path.parent / PLAN).is_file():
            raise DataError(f"{folder}: the cross-validation is not finished; go on with it first")
        return cls.read(path)

    def __getitem__(self, name: str) -> ModelResult:
        """Return the result of a model."""
        return next(model for model in self.models if model.name == name)


def cell_name(model: str, repeat: int, fold: int, seed: int) -> str:
    """Name the files of a cell, without the suffix."""
    return f"{plain_name(model)}-r{repeat}-f{fold}-s{seed}"


def plain_name(model: str) -> str:
    """Make a part of file names of a model's name: any sign of a path becomes ``_``."""
    return re.sub(r"[^\w.-]", "_", model)[:_LONGEST]


def check_names(models: Iterable[str]) -> None:
    """Refuse models whose files would be the same.

    Raises
    ------
    DataError
        If there are such; names both.
    """
    taken: dict[str, str] = {}
    for name in models:
        other = taken.setdefault(plain_name(name), name)
        if other != name:
            raise DataError(
                f"models {other!r} and {name!r}: their files would have the same name, "
                f"{plain_name(name)}; rename one of them"
            )
