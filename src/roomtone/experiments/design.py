"""What a cross-validation is to do: which models, over how many folds, how often."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product

from roomtone.errors import RoomtoneError
from roomtone.experiments.recipes import Recipe
from roomtone.experiments.record import check_names

COMBINATIONS = ("ensemble", "stacking")


@dataclass(frozen=True)
class Slot:
    """A model that is fitted in each of a number of folds.

    Attributes
    ----------
    name : str
        What its cells are called.
    model : str
        The recipe.
    folds : int
        How many.
    shown : bool
        Whether it is a model of the result, or fitted for a combination alone.
    """

    name: str
    model: str
    folds: int
    shown: bool = True


@dataclass(frozen=True)
class Design:
    """What is asked for.

    Attributes
    ----------
    recipes : mapping of str to Recipe
        The models that are fitted.
    folds : mapping of str to int
        How many folds each model has, combinations included; in the order of the result.
    seeds : tuple of int
        Each model is fitted once in every fold with each of them; the first decides the folds.
    repeats : int
        How often the rows are dealt out anew.
    validation_share : float
        The share of a training part that is held out from fitting.
    reference : str or None
        The model that the others are compared with; each with each other where it is None.

    Raises
    ------
    RoomtoneError
        If a number is out of range, or a combination has fewer than two models to combine.
    """

    recipes: Mapping[str, Recipe]
    folds: Mapping[str, int]
    seeds: tuple[int, ...] = (42,)
    repeats: int = 1
    validation_share: float = 0.1
    reference: str | None = None
    combinations: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        combined = tuple(name for name in self.folds if name not in self.recipes)
        object.__setattr__(self, "combinations", combined)
        if combined and len(self.recipes) < 2:
            raise RoomtoneError(
                f"{combined[0]}: combines the other models, of which two or more are needed"
            )
        check_names(self.folds)
        for name, value in (("repeats", self.repeats), ("seeds", len(self.seeds))):
            if value < 1:
                raise RoomtoneError(f"{name}: found {value}, expected 1 or more")
        if not 0 < self.validation_share <= 0.5:
            raise RoomtoneError(
                f"validation_share: found {self.validation_share}, expected above 0, at most 0.5"
            )

    def slots(self) -> list[Slot]:
        """List what is fitted; models that a combination needs over other folds come last."""
        shown = [Slot(name, name, self.folds[name]) for name in self.recipes]
        hidden = [
            Slot(member, name, self.folds[combination], shown=False)
            for combination in self.combinations
            for name, member in self.members(combination).items()
            if member != name
        ]
        return [*shown, *dict.fromkeys(hidden)]

    def members(self, combination: str) -> dict[str, str]:
        """Name the slot of each model that a combination needs, by the model's name."""
        count = self.folds[combination]
        return {
            name: name if self.folds[name] == count else f"{name}_of_{count}"
            for name in self.recipes
        }

    def places(self, folds: int) -> Iterator[tuple[int, int, int]]:
        """Yield the repeat, fold and seed of each cell of a model over so many folds."""
        return product(range(self.repeats), range(folds), self.seeds)
