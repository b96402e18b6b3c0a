"""Several cross-validations together: ranks of models over data sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from roomtone.errors import DataError
from roomtone.reports.crossval.comparisons import method_name
from roomtone.stats.choosing import Comparison, DatasetScores, NotComparable, compare
from roomtone.stats.naming import metric_name

METRIC = "f1_macro"


def across_facts(datasets: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Compare the models over data sets; None for a single one.

    Models are ranked by their mean score on each data set. The models alone that are in all of
    them are ranked.

    Raises
    ------
    DataError
        If the same data was given twice.
    """
    if len(datasets) < 2:
        return None
    _refuse_repeats(datasets)
    scores = [
        {model["name"]: model["scores"][METRIC]["mean"] for model in part["models"]}
        for part in datasets
    ]
    shared = [name for name in scores[0] if all(part.get(name) is not None for part in scores)]
    facts: dict[str, Any] = {
        "metric": METRIC,
        "metric_name": metric_name(METRIC),
        "datasets": [part["name"] for part in datasets],
        "dataset_count": len(datasets),
        "models": [
            {"name": name, "scores": [part[name] for part in scores], "mean_rank": None}
            for name in shared
        ],
        "left_out": sorted({name for part in scores for name in part} - set(shared)),
        "refused": None,
        "overall": None,
        "pairs": [],
        "decision": [],
        "groups": [],
        "sources": [],
    }
    try:
        if len(shared) < 2:
            raise NotComparable("fewer than two models are in all of the cross-validations")
        rows = compare(_evidence(shared, scores, datasets), every_pair=True)
    except NotComparable as error:
        facts["refused"] = str(error)
        return facts
    return facts | _compared(facts["models"], rows)


def _evidence(
    shared: Sequence[str],
    scores: Sequence[Mapping[str, float]],
    datasets: Sequence[Mapping[str, Any]],
) -> DatasetScores:
    return DatasetScores(
        {name: [part[name] for part in scores] for name in shared},
        datasets=[part["name"] for part in datasets],
        metric=METRIC,
        digests=[_digest(part) for part in datasets],
    )


def _compared(models: list[dict[str, Any]], rows: Sequence[Comparison]) -> dict[str, Any]:
    from scipy.stats import rankdata

    pairs = [row for row in rows if row.model is not None]
    overall = next((row.to_dict() for row in rows if row.model is None), None)
    ranks = rankdata(-np.array([model["scores"] for model in models]).round(12), axis=0)
    ranked = [
        {**model, "mean_rank": float(mean)}
        for model, mean in zip(models, ranks.mean(axis=1), strict=True)
    ]
    sources = [name for row in rows for name in row.sources]
    return {
        "models": sorted(ranked, key=lambda model: model["mean_rank"]),
        "overall": None
        if overall is None
        else {
            "method_name": method_name(overall["method"]),
            "statistic": overall["statistic"],
            "p": overall["p_value"],
        },
        "pairs": [
            {
                "model": row.model,
                "reference": row.reference,
                "difference": row.difference,
                "low": row.low,
                "high": row.high,
                "p": row.p_value if row.adjusted_p is None else row.adjusted_p,
                "outcome": row.outcome,
                "note": row.note,
            }
            for row in pairs
        ],
        "pair_method": method_name(pairs[0].method),
        "decision": list(rows[0].decision),
        "groups": _groups(sorted(ranked, key=lambda model: model["mean_rank"]), pairs),
        "sources": list(dict.fromkeys(sources)),
    }


def _groups(ranked: Sequence[Mapping[str, Any]], pairs: Sequence[Comparison]) -> list[list[int]]:
    """Name runs of neighbours in rank, longest first, of which no pair was told apart."""
    apart = {
        frozenset((row.model, row.reference)) for row in pairs if row.outcome in ("better", "worse")
    }
    names = [model["name"] for model in ranked]
    runs = [
        (first, last)
        for first in range(len(names))
        for last in range(first + 1, len(names))
        if not any(pair <= frozenset(names[first : last + 1]) for pair in apart)
    ]
    return [
        [first, last]
        for first, last in runs
        if not any(a <= first and last <= b and (a, b) != (first, last) for a, b in runs)
    ]


def _digest(part: Mapping[str, Any]) -> str:
    return "+".join(file["sha256"] for file in part["plan"]["files"])


def _refuse_repeats(datasets: Sequence[Mapping[str, Any]]) -> None:
    seen: dict[str, str] = {}
    for part in datasets:
        for file in part["plan"]["files"]:
            before = seen.setdefault(file["sha256"], part["folder"])
            if before != part["folder"]:
                raise DataError(
                    f"{before} and {part['folder']} are cross-validations of the same file "
                    f"({file['file']}): a critical-difference diagram ranks models over data sets "
                    "that share no rows; give each data set once"
                )
