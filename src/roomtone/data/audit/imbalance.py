"""Faults of the balance of the classes in each file: missing, rare and overwhelming ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from roomtone.data.audit.result import FileFacts, Imbalance

STRONG = 0.8
"""The share of a file's labelled rows from which on a class is a strong majority."""
_SHOWN = 5


def find_imbalances(files: Sequence[FileFacts], folds: int) -> Iterator[Imbalance]:
    """Name what is wrong with the balance of the classes of each file.

    Parameters
    ----------
    files : sequence of FileFacts
        Facts of the files; all have the same classes.
    folds : int
        Classes with fewer rows than this are named: some folds have none of them.
    """
    for file in files:
        found = {name: count for name, count in file.labels.items() if count}
        absent = [name for name, count in file.labels.items() if not count]
        total = sum(found.values())
        if not found:
            told = "no row has a known label: nothing can be learned or tested"
            yield Imbalance(file.name, "no_label", (), told)
            continue
        most = max(found, key=lambda name: found[name])
        if len(found) == 1:
            told = f"all {total:,} labelled rows are {most}: nothing tells classes apart"
            yield Imbalance(file.name, "one_class", (most,), told)
            continue
        if absent:
            told = f"no row is {_listed(absent, ' or ')}: this can be neither learned nor tested"
            yield Imbalance(file.name, "absent_class", tuple(absent), told)
        rare = [name for name, count in found.items() if count < folds]
        if rare:
            counted = [f"{name} {found[name]:,}" for name in rare]
            told = f"fewer rows than {folds} folds: {_listed(counted)}; some folds have none"
            yield Imbalance(file.name, "rare_class", tuple(rare), told)
        share = found[most] / total
        if share >= STRONG:
            told = f"{share:.1%} of the labelled rows are {most}: who always says so has that "
            told += "accuracy; look at macro-F1"
            yield Imbalance(file.name, "majority", (most,), told)


def _listed(names: Sequence[str], between: str = ", ") -> str:
    more = len(names) - _SHOWN
    shown = list(names[:_SHOWN])
    return between.join([*shown, f"{more:,} others"] if more > 0 else shown)
