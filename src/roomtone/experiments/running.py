"""A whole cross-validation: deal the rows out, compute what is not finished, sum up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from roomtone.data.duplicates import TextKeys
from roomtone.errors import DataError
from roomtone.experiments.cells import Parts, Task, combine, rows_of
from roomtone.experiments.design import Design, Slot
from roomtone.experiments.executing import execute
from roomtone.experiments.folder import CellFolder, claim_plan
from roomtone.experiments.recipes import Terms
from roomtone.experiments.record import (
    CELLS,
    MEMBERS,
    RESULT,
    Cell,
    CrossValidation,
    Plan,
    cell_name,
)
from roomtone.experiments.source import Source
from roomtone.experiments.summary import summarise
from roomtone.files import write_json
from roomtone.training.claim import Claim, claim
from roomtone.training.manifest import versions

Watch = Callable[[Cell | None, Mapping[str, int], int], object]
Place = tuple[int, int, int]


class Experiment:
    """A cross-validation in a folder of its own.

    The rows are dealt out at once, so that what cannot be is told before anything is fitted.

    Parameters
    ----------
    source : Source
        The rows.
    design : Design
        What is asked for.
    root : Path
        The folder.

    Raises
    ------
    DataError
        If the rows cannot be dealt out so.
    """

    def __init__(self, source: Source, design: Design, root: Path) -> None:
        if design.repeats > 1 and source.dealer.scheme == "time":
            raise DataError("repeats: time orders the rows in one way only; leave them out")
        self.source, self.design, self.root = source, design, root
        self.parts = {
            (count, repeat): self._deal(count, repeat)
            for count in dict.fromkeys(design.folds.values())
            for repeat in range(design.repeats)
        }
        self.plan = self._plan()
        self.folders = {
            True: CellFolder(root, CELLS),
            False: CellFolder(root, MEMBERS),
        }

    def run(
        self,
        *,
        jobs: int = 1,
        threads: int = 1,
        on: str = "here",
        watch: Watch = lambda *_: None,
    ) -> CrossValidation:
        """Compute what is not finished yet, and sum up.

        Parameters
        ----------
        jobs, threads, on : int, int and str
            As of `execute`.
        watch : callable
            Gets each finished cell (first None), how many of each model are still to be computed,
            and how many there are in all.

        Raises
        ------
        DataError
            If the folder holds another cross-validation, or something else.
        TrainingError
            If a model cannot be fitted.
        """
        claim_plan(self.root, self.plan)
        with claim(self.root) as held:
            if held is Claim.TAKEN:
                raise DataError(f"{self.root}: another process is at work in this folder")
            self._compute(jobs, threads, on, watch)
            result = self._summary()
            write_json(self.root / RESULT, result.to_dict())
        return result

    def finished(self) -> int:
        """Count the cells that are saved, of those that `run` tells of."""
        return sum(
            self.folders[slot.shown].has(cell_name(slot.name, *place))
            for place, slot in self._every()
        )

    def _compute(self, jobs: int, threads: int, on: str, watch: Watch) -> None:
        slots = {slot.name: slot for slot in self.design.slots()}
        every = self._every()
        pending = [
            (place, slot)
            for place, slot in sorted(every, key=lambda entry: entry[0][:2])
            if not self.folders[slot.shown].whole(cell_name(slot.name, *place))
        ]
        left = Counter(slot.name for _, slot in pending)
        watch(None, left, len(every))
        tasks = (self._task(slot, place, threads) for place, slot in pending)
        for cell, found in execute(tasks, jobs=jobs, threads=threads, on=on):
            self.folders[slots[cell.model].shown].save(cell, found)
            left[cell.model] -= 1
            watch(cell, left, len(every))
        for combination in self.design.combinations:
            self._combine(combination, slots)

    def _every(self) -> list[tuple[Place, Slot]]:
        slots = self.design.slots()
        return [(place, slot) for slot in slots for place in self.design.places(slot.folds)]

    def _deal(self, count: int, repeat: int) -> list[Parts]:
        dealer, first = self.source.dealer, self.design.seeds[0]
        parts = []
        for fold, split in enumerate(dealer.folds(count, first + repeat)):
            seed = np.random.SeedSequence([first, repeat, fold]).generate_state(1)[0]
            held = dealer.validation(split.train, self.design.validation_share, int(seed))
            parts.append(Parts(*held, split.test))
        return parts

    def _task(self, slot: Slot, place: Place, threads: int) -> Task:
        repeat, fold, seed = place
        parts = self.parts[slot.folds, repeat][fold]
        labels = self.source.dealer.labels
        train, validation, test = (
            rows_of(self.source.texts, labels, rows)
            for rows in (parts.fit, parts.validation, parts.test)
        )
        return Task(
            model=slot.name,
            repeat=repeat,
            fold=fold,
            recipe=self.design.recipes[slot.model],
            parts=parts,
            train=train,
            validation=validation,
            test=test,
            terms=Terms(self.source.class_names, seed, threads),
        )

    def _combine(self, combination: str, slots: dict[str, Slot]) -> None:
        """Compute the cells of a combination from those of its members."""
        members = self.design.members(combination)
        for place in self.design.places(self.design.folds[combination]):
            if self.folders[True].whole(cell_name(combination, *place)):
                continue
            said, like = {}, None
            for model, name in members.items():
                folder = self.folders[slots[name].shown]
                said[model] = folder.predictions(cell_name(name, *place))
                like = folder.cell(cell_name(name, *place))
            assert like is not None  # there are two members or more
            found = combine(
                combination, like, said, self.source.dealer.labels, self.source.class_names
            )
            self.folders[True].save(*found)

    def _summary(self) -> CrossValidation:
        names = [
            cell_name(model, *place)
            for model, count in self.design.folds.items()
            for place in self.design.places(count)
        ]
        folder = self.folders[True]
        return summarise(
            self.plan,
            [folder.cell(name) for name in names],
            {name: folder.predictions(name) for name in names},
            members=self._members(),
            groups=self.source.dealer.groups,
            reference=self.design.reference,
            notes=self._notes(),
        )

    def _members(self) -> dict[int, dict[str, list[Cell]]]:
        """Read what was fitted for a combination over other folds than the model's own."""
        found: dict[int, dict[str, list[Cell]]] = {}
        for slot in self.design.slots():
            if not slot.shown:
                names = [cell_name(slot.name, *place) for place in self.design.places(slot.folds)]
                cells = [self.folders[False].cell(name) for name in names]
                found.setdefault(slot.folds, {})[slot.model] = cells
        return found

    def _notes(self) -> list[str]:
        """Say how many rows are tested by models that were trained on copies of them."""
        keys = TextKeys.of(self.source.texts).normalized
        first = max(self.design.folds.values())
        copied = sum(
            int(np.isin(keys[part.test], keys[np.concatenate([part.fit, part.validation])]).sum())
            for part in self.parts[first, 0]
        )
        if not copied:
            return []
        remedy = (
            ""
            if self.source.dealer.scheme == "time"
            else ("; --groups with the column of the texts keeps copies together")
        )
        return [
            f"{copied:,} rows ({100 * copied / len(keys):.1f} %) stand in the training part of "
            f"their fold, too, but for case and punctuation{remedy}."
        ]

    def _plan(self) -> Plan:
        source, design = self.source, self.design
        settings = {name: recipe.settings() for name, recipe in design.recipes.items()}
        settings |= {
            name: {"kind": name, "members": list(design.recipes)} for name in design.combinations
        }
        return Plan(
            data=source.files,
            class_names=source.class_names,
            class_counts=source.class_counts,
            scheme=source.dealer.scheme,
            column=source.column,
            folds=dict(design.folds),
            repeats=design.repeats,
            seeds=design.seeds,
            validation_share=design.validation_share,
            models={name: settings[name] for name in design.folds},
            versions=versions(),
        )
