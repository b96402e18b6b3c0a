"""How large a difference of two models is besides its interval, and what would show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from roomtone.experiments.predictions import Predictions
from roomtone.experiments.record import Cell, Plan
from roomtone.stats.choosing import Comparison, NotComparable
from roomtone.stats.comparing.mcnemar import discordant, mcnemar
from roomtone.stats.comparing.power import POWER, scaled_rows

_SIZES = (
    *("only_model_right", "only_reference_right", "rows"),
    *("odds_ratio", "odds_ratio_interval", "cohens_g", "cohens_g_interval"),
)


def right_rows(cells: Sequence[Cell], said: Mapping[str, Predictions]) -> NDArray[np.bool_] | None:
    """Tell which rows a model has right, each once: in the first repeat, with the first seed.

    Returns
    -------
    ndarray of bool, shape [tested rows], or None
        In the order of the data; None where what was said of the rows is not at hand.
    """
    first = [cell for cell in cells if cell.repeat == 0 and cell.seed == cells[0].seed]
    parts = [said.get(cell.name) for cell in first]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    rows = np.concatenate([part.rows for part in known])
    right = np.concatenate([part.labels == part.predictions for part in known])
    ordered: NDArray[np.bool_] = right[np.argsort(rows)]
    return ordered


def with_effects(
    row: Comparison, plan: Plan, right: Mapping[str, NDArray[np.bool_] | None]
) -> Comparison:
    """Add how many rows would show the difference found, and, of accuracies, effect sizes.

    The rows needed take the fold scores to scatter less with more rows, by the square root: a plan
    for the next data, and no second verdict on these.

    Parameters
    ----------
    row : Comparison
        Of a pair, over folds.
    plan : Plan
        What the folds are of.
    right : mapping of str to ndarray of bool
        As of `right_rows`, by model; empty where rows are in groups, for which the intervals of
        these effect sizes do not hold.
    """
    added: dict[str, Any] = {}
    if row.difference is not None and "standard_error" in row.effects:
        added = {
            "power": POWER,
            "rows_needed": scaled_rows(
                plan.rows,
                row.difference,
                row.effects["standard_error"],
                level=1 - row.confidence,
                freedom=row.effects["degrees_of_freedom"],
            ),
        }
    ours, theirs = (right.get(name or "") for name in (row.model, row.reference))
    if row.metric == "accuracy" and ours is not None and theirs is not None:
        try:
            counts = discordant(ours, theirs)
            found = mcnemar(*counts, mid_p=True, confidence=row.confidence).effects
        except NotComparable:
            pass
        else:
            added |= {name: found[name] for name in _SIZES} | {
                "sources": ["odds_ratio", "cohens_g"]
            }
    return replace(row, effects={**row.effects, **added})
