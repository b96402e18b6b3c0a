"""The facts of one cross-validation: what its part of ``report.json`` holds."""

from __future__ import annotations

from typing import Any

import numpy as np

from roomtone.experiments.predictions import SCORES, Predictions
from roomtone.experiments.record import Cell, ModelResult, Plan
from roomtone.reports.crossval.comparisons import families
from roomtone.reports.crossval.curves import of_cells
from roomtone.reports.crossval.reading import Folder
from roomtone.reports.wording import described, flat_settings
from roomtone.stats import reliability_bins
from roomtone.stats.naming import metric_name
from roomtone.stats.proportions import exact_interval
from roomtone.stats.selective import risk_coverage

FOLDS_SHOWN = ("f1_macro", "accuracy")


def dataset_facts(folder: Folder) -> dict[str, Any]:
    """Collect all that a report says of a cross-validation.

    Class and model names are values here and never keys, so that a place is a plain path.
    """
    plan, record = folder.plan, folder.record
    expected = {
        model: len(folder.finished[model]) + len(folder.missing(model)) for model in plan.models
    }
    cells = {model.name: folder.cells(model.name) for model in record.models}
    return {
        "name": _name(plan),
        "folder": folder.path.resolve().name,
        "state": {
            "whole": folder.whole,
            "cells": sum(map(len, folder.finished.values())),
            "expected": sum(expected.values()),
            "unfinished": [
                {"model": model, "cells": len(folder.finished[model]), "expected": count}
                for model, count in expected.items()
                if len(folder.finished[model]) < count
            ],
        },
        "plan": _plan(plan),
        "models": [_model(folder, result, cells[result.name]) for result in record.models],
        "comparisons": families(record, plan),
        "notes": list(record.notes),
        "machines": _machines([cell for found in cells.values() for cell in found]),
        "threads": sorted({cell.threads for found in cells.values() for cell in found}),
    }


def _machines(cells: list[Cell]) -> dict[str, Any]:
    """Describe the computers that computed the cells, and say whether every cell names its own."""
    named = [described(cell.machine) for cell in cells]
    return {"named": sorted(set(named) - {""}), "all": bool(named) and all(named)}


def _name(plan: Plan) -> str:
    return " + ".join(file.file for file in plan.data)


def _plan(plan: Plan) -> dict[str, Any]:
    counted = zip(plan.class_names, plan.class_counts, strict=True)
    return {
        "digest": plan.digest,
        "files": [{"file": f.file, "rows": f.rows, "sha256": f.sha256} for f in plan.data],
        "rows": plan.rows,
        "classes": [
            {"name": name, "rows": rows, "share": rows / plan.rows} for name, rows in counted
        ],
        "class_count": len(plan.class_names),
        "scheme": plan.scheme,
        "column": plan.column,
        "repeats": plan.repeats,
        "seeds": list(plan.seeds),
        "seed_count": len(plan.seeds),
        "first_seed": plan.seeds[0],
        "validation_share": plan.validation_share,
        "fold_counts": sorted(set(plan.folds.values()), reverse=True),
        "models": [
            {
                "name": name,
                "folds": plan.folds[name],
                "kind": str(settings.get("kind", "unknown")),
                "deterministic": settings.get("deterministic"),
                "settings": [
                    {"key": key, "value": value}
                    for key, value in flat_settings(settings)
                    if key != "kind"
                ],
            }
            for name, settings in plan.models.items()
        ],
        "model_count": len(plan.models),
        "versions": [{"name": name, "version": value} for name, value in plan.versions.items()],
    }


def _model(folder: Folder, result: ModelResult, cells: list[Cell]) -> dict[str, Any]:
    pooled = folder.pooled(result.name)
    per_class = [result.pooled[key] for key in ("precision", "recall", "f1", "support")]
    return {
        "name": result.name,
        "folds": folder.plan.folds[result.name],
        "scores": {metric: _score(result, metric) for metric in SCORES},
        "fold_scores": [
            {
                "repeat": fold["repeat"],
                "fold": fold["fold"],
                "seed": fold["seed"],
                "n_train": fold["n_train"],
                "n_test": fold["n_test"],
                **{metric: fold["metrics"][metric] for metric in FOLDS_SHOWN},
            }
            for fold in result.folds
        ],
        "pooled": {"n": result.pooled["n"], **{m: result.pooled.get(m) for m in SCORES}},
        "pooled_intervals": {
            metric: interval.to_dict() for metric, interval in result.pooled_intervals.items()
        },
        "classes": [
            {
                "name": name,
                **dict(zip(("precision", "recall", "f1", "rows"), values, strict=True)),
            }
            for name, *values in zip(
                folder.plan.class_names, *(column.values() for column in per_class), strict=True
            )
        ],
        "confusion": result.pooled["confusion"],
        "variance": [
            {
                "metric": metric,
                "metric_name": metric_name(metric),
                **{f"{part}_sd": (split[part] or 0.0) ** 0.5 for part in ("fold", "seed")},
                "seed_share": split["seed_share"],
            }
            for metric, split in result.variance.items()
        ],
        "seconds": sum(cell.seconds for cell in cells) if cells else None,
        "has_predictions": pooled is not None,
        "reliability": _reliability(pooled),
        "risk": _risk(pooled),
        "curves": of_cells(cells),
    }


def _score(result: ModelResult, metric: str) -> dict[str, Any]:
    interval = result.intervals.get(metric)
    return {
        "mean": result.mean.get(metric),
        "sd": result.sd.get(metric),
        "seed_sd": result.seed_sd.get(metric),
        "low": None if interval is None else interval.low,
        "high": None if interval is None else interval.high,
        "level": None if interval is None else interval.level,
    }


def _reliability(pooled: Predictions | None) -> dict[str, Any] | None:
    if pooled is None or pooled.probabilities is None:
        return None
    bins = reliability_bins(pooled.probabilities, pooled.labels)
    counts = np.array(bins.count)
    right = np.round(np.where(counts > 0, np.nan_to_num(bins.accuracy), 0.0) * counts)
    low, high = exact_interval(right, counts)
    confidence = float(pooled.probabilities.max(axis=1).mean())
    accuracy = float((pooled.probabilities.argmax(axis=1) == pooled.labels).mean())
    return {
        **bins.to_dict(),
        "low": [float(v) if n else None for v, n in zip(low, counts, strict=True)],
        "high": [float(v) if n else None for v, n in zip(high, counts, strict=True)],
        "bins": len(bins.count),
        "ece": bins.ece,
        "mean_confidence": confidence,
        "accuracy_of_all": accuracy,
        "overconfidence": confidence - accuracy,
    }


def _risk(pooled: Predictions | None) -> dict[str, Any] | None:
    if pooled is None or pooled.probabilities is None:
        return None
    right = pooled.probabilities.argmax(axis=1) == pooled.labels
    curve = risk_coverage(pooled.probabilities.max(axis=1), right)
    return {
        **curve.to_dict(),
        "half": 0.5,
        "risk_at_half": curve.risk_at(0.5),
        "risk_at_all": curve.risk[-1],
    }
