"""Reading a cross-validation's folder, whether it is finished or not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import numpy as np

from roomtone.errors import DataError
from roomtone.experiments.folder import CellFolder
from roomtone.experiments.predictions import Predictions
from roomtone.experiments.record import PLAN, RESULT, Cell, CrossValidation, Plan, cell_name
from roomtone.experiments.summary import summarise


@dataclass(frozen=True, eq=False)
class Folder:
    """A cross-validation as it lies in its folder.

    Attributes
    ----------
    path : Path
        The folder.
    plan : Plan
        What was to be done.
    record : CrossValidation
        What came of it: of the models alone that have all their folds.
    finished : dict of str to list of str
        For each model of the plan, the names of its cells that are finished.
    whole : bool
        Whether the cross-validation itself ended, and wrote its result.
    """

    path: Path
    plan: Plan
    record: CrossValidation
    finished: dict[str, list[str]]
    whole: bool

    def cells(self, model: str) -> list[Cell]:
        """Read the finished cells of a model."""
        folder = CellFolder(self.path)
        return [folder.cell(name) for name in self.finished[model]]

    def missing(self, model: str) -> list[str]:
        """Name the cells of a model that are not there."""
        there = set(self.finished[model])
        return [name for name in names_of(self.plan, model) if name not in there]

    def pooled(self, model: str) -> Predictions | None:
        """Put what a model said in all folds together; None where a cell's arrays are missing."""
        if self.missing(model):
            return None
        folder = CellFolder(self.path)
        if not all((folder.path / f"{name}.npz").is_file() for name in self.finished[model]):
            return None
        return together([folder.predictions(name) for name in self.finished[model]])


def together(parts: list[Predictions]) -> Predictions:
    """Concatenate predictions; probabilities where all have them."""
    given = [part.probabilities for part in parts if part.probabilities is not None]
    return Predictions(
        rows=np.concatenate([part.rows for part in parts]),
        labels=np.concatenate([part.labels for part in parts]),
        predictions=np.concatenate([part.predictions for part in parts]),
        probabilities=np.concatenate(given) if len(given) == len(parts) else None,
    )


def names_of(plan: Plan, model: str) -> Iterator[str]:
    """Name all cells that a model is to have."""
    for place in product(range(plan.repeats), range(plan.folds[model]), plan.seeds):
        yield cell_name(model, *place)


def read_folder(path: Path) -> Folder:
    """Read the folder of a cross-validation; of an unfinished one, what can be said so far.

    Raises
    ------
    DataError
        If it holds none, a file in it is damaged, its result is of another plan, or nothing in
        it is ready to be reported.
    """
    cells = CellFolder(path)
    if (path / RESULT).is_file():
        record = CrossValidation.load(path)
        plan = _same_plan(path, record)
        return Folder(path, plan, record, _finished(cells, plan), whole=True)
    plan = Plan.read(path / PLAN)
    finished = _finished(cells, plan)
    ready = [
        model for model in plan.models if len(finished[model]) == len([*names_of(plan, model)])
    ]
    found, expected = (
        sum(map(len, finished.values())),
        sum(len([*names_of(plan, model)]) for model in plan.models),
    )
    if not ready:
        raise DataError(
            f"{path}: the cross-validation is not finished: {found} of {expected} cells are there, "
            "and no model has all its folds yet; go on with it by the command that began it"
        )
    if plan.scheme == "grouped":
        raise DataError(
            f"{path}: the cross-validation is not finished ({found} of {expected} cells), and its "
            "folds keep groups together, which only the finished result knows; go on with it by "
            "the command that began it"
        )
    part = replace(
        plan,
        folds={model: plan.folds[model] for model in ready},
        models={model: plan.models[model] for model in ready},
    )
    names = [name for model in ready for name in finished[model]]
    record = summarise(
        part,
        [cells.cell(name) for name in names],
        {name: cells.predictions(name) for name in names},
    )
    return Folder(path, plan, record, finished, whole=False)


def _finished(cells: CellFolder, plan: Plan) -> dict[str, list[str]]:
    return {
        model: [name for name in names_of(plan, model) if cells.has(name)] for model in plan.models
    }


def _same_plan(path: Path, record: CrossValidation) -> Plan:
    if not (path / PLAN).is_file():
        return record.plan
    plan = Plan.read(path / PLAN)
    if differences := plan.differences(record.plan):
        shown = "\n".join(f"  - {line}" for line in differences)
        raise DataError(
            f"{path}: {RESULT} is of another plan than {PLAN}; what differs:\n{shown}\n"
            "Run the cross-validation again"
        )
    return plan
