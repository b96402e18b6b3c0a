"""The folder of a cross-validation: what is finished in it, and writing what comes next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from roomtone.errors import DataError
from roomtone.experiments.predictions import Predictions
from roomtone.experiments.record import CELLS, PLAN, RESULT, Cell, CrossValidation, Plan
from roomtone.files import write_json


class CellFolder:
    """Finished cells, each a JSON file and its arrays; the JSON file is written last.

    Parameters
    ----------
    root : Path
        The folder of the cross-validation.
    name : str
        The folder in it that holds the cells.
    """

    def __init__(self, root: Path, name: str = CELLS) -> None:
        self.path = root / name

    def save(self, cell: Cell, predictions: Predictions) -> None:
        """Write a cell; it is finished once its JSON file is there."""
        predictions.save(self.path / f"{cell.name}.npz")
        write_json(self.path / f"{cell.name}.json", cell.to_dict())

    def has(self, name: str) -> bool:
        """Tell whether a cell is finished."""
        return (self.path / f"{name}.json").is_file()

    def whole(self, name: str) -> bool:
        """Tell whether a cell is finished and can be read; a damaged one is to be computed anew."""
        try:
            return self.has(name) and self.cell(name).name == name and bool(self.predictions(name))
        except DataError:
            return False

    def cell(self, name: str) -> Cell:
        """Read a finished cell.

        Raises
        ------
        DataError
            If it is damaged; names the file, and says what to do.
        """
        with _remedy():
            return Cell.read(self.path / f"{name}.json")

    def predictions(self, name: str) -> Predictions:
        """Read the arrays of a finished cell.

        Raises
        ------
        DataError
            As of `cell`.
        """
        with _remedy():
            return Predictions.load(self.path / f"{name}.npz")


@contextmanager
def _remedy() -> Iterator[None]:
    try:
        yield
    except DataError as error:
        raise DataError(
            f"{error}; the command that began the cross-validation computes this cell anew"
        ) from None


def claim_plan(root: Path, plan: Plan) -> None:
    """Begin a cross-validation in a folder, or go on with the one that it holds.

    Raises
    ------
    DataError
        If the folder holds another cross-validation, or something else.
    """
    path = root / PLAN
    if path.is_file():
        differences = Plan.read(path).differences(plan)
        if differences:
            raise DataError(
                f"{root} holds another cross-validation, which differs in:\n"
                + "\n".join(f"  - {line}" for line in differences)
                + "\nGive its arguments to go on with it, or name another folder"
            )
    elif root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise DataError(f"{root} holds something else; name an empty or a new folder")
    else:
        write_json(path, plan.to_dict())


def write_result(
    root: Path,
    record: CrossValidation,
    cells: Sequence[Cell],
    predictions: Mapping[str, Predictions],
) -> None:
    """Write a finished cross-validation that is in memory.

    Raises
    ------
    DataError
        As `claim_plan`.
    """
    claim_plan(root, record.plan)
    folder = CellFolder(root)
    for cell in cells:
        folder.save(cell, predictions[cell.name])
    write_json(root / RESULT, record.to_dict())
