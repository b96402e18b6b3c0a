"""The facts of one training run: its ``report.json``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from roomtone.reports.records import Evaluation
from roomtone.reports.run_checklist import run_checklist
from roomtone.reports.run_folder import RunResult
from roomtone.reports.wording import flat_settings
from roomtone.stats import reliability_bins

SCORES = (
    ("f1_macro", "Macro-F1"),
    ("accuracy", "Accuracy"),
    ("precision_macro", "Macro precision"),
    ("recall_macro", "Macro recall"),
    ("f1_weighted", "Weighted F1"),
    ("cohen_kappa", "Cohen's kappa"),
    ("mcc", "Matthews"),
    ("log_loss", "Log loss"),
    ("brier", "Brier score"),
    ("ece", "Calibration error"),
)


def score_place(run: RunResult, name: str) -> str:
    """Name the place of a score in the facts."""
    known = [metric for metric, _ in SCORES if getattr(run.evaluation.metrics, metric) is not None]
    return f"scores.{known.index(name)}"


def run_facts(run: RunResult) -> dict[str, Any]:
    """Collect what the LaTeX and the checklist of a run say.

    Names of classes, files and settings are values here and never keys.
    """
    evaluation, manifest = run.evaluation, run.manifest
    metrics = evaluation.metrics
    per_class = zip(
        run.class_names, metrics.precision, metrics.recall, metrics.f1, metrics.support, strict=True
    )
    known = run.history.metadata
    return {
        "kind": "run",
        "name": run.path.resolve().name,
        "roomtone": manifest.get("roomtone"),
        "split": evaluation.split,
        "file": evaluation.file,
        "n": metrics.n,
        "class_count": len(run.class_names),
        "scores": [
            {"metric": name, "label": label, "value": getattr(metrics, name), **_ends(run, name)}
            for name, label in SCORES
            if getattr(metrics, name) is not None
        ],
        "classes": [
            dict(zip(("name", "precision", "recall", "f1", "rows"), values, strict=True))
            for values in per_class
        ],
        "confusion": [list(row) for row in metrics.confusion],
        "worst": worst_confusion(evaluation),
        "reliability": _reliability(run),
        "training": {
            "epochs": known.total_epochs,
            "best_epoch": known.best_epoch,
            "monitor": known.monitor,
            "best_value": known.best_value,
            "stopped": (known.stopped or "").replace("_", " "),
            "series": [
                {"name": name, "values": list(values)}
                for name, values in run.history.history.items()
            ],
        },
        "files": _files(manifest),
        "seed": manifest.get("seed"),
        "threads": manifest.get("threads"),
        "device": manifest.get("device"),
        "parameters": manifest.get("parameters"),
        "versions": _versions(manifest),
        "settings": [{"key": key, "value": value} for key, value in flat_settings(run.config)],
        "warnings": list(run.warnings),
        "checklist": run_checklist(run),
    }


def worst_confusion(evaluation: Evaluation) -> dict[str, Any] | None:
    """Find the most frequent mistake: codes, texts and their share; None where there is none."""
    wrong = np.array(evaluation.metrics.confusion)
    np.fill_diagonal(wrong, 0)
    if not wrong.any():
        return None
    true, predicted = (int(code) for code in np.unravel_index(wrong.argmax(), wrong.shape))
    count = int(wrong[true, predicted])
    share = count / evaluation.metrics.support[true]
    return {"true": true, "predicted": predicted, "count": count, "share": share}


def _ends(run: RunResult, name: str) -> dict[str, Any]:
    interval = run.evaluation.intervals.get(name)
    if interval is None:
        return {"low": None, "high": None, "level": None, "method": None}
    return interval.to_dict()


def _reliability(run: RunResult) -> dict[str, Any] | None:
    probs = run.predictions.probs
    if probs is None:
        return None
    bins = reliability_bins(probs, run.predictions.labels)
    confidence = float(probs.max(axis=1).mean())
    accuracy = float((probs.argmax(axis=1) == run.predictions.labels).mean())
    return {
        **bins.to_dict(),
        "bins": len(bins.count),
        "ece": bins.ece,
        "mean_confidence": confidence,
        "accuracy_of_all": accuracy,
        "overconfidence": confidence - accuracy,
    }


def _files(manifest: Mapping[str, Any]) -> list[dict[str, Any]]:
    data = manifest.get("data")
    return [
        {"split": split, **{key: entry.get(key) for key in ("file", "rows", "sha256")}}
        for split, entry in (data.items() if isinstance(data, Mapping) else ())
        if isinstance(entry, Mapping)
    ]


def _versions(manifest: Mapping[str, Any]) -> list[dict[str, Any]]:
    packages = manifest.get("packages")
    named = {"python": manifest.get("python"), "roomtone": manifest.get("roomtone")}
    named |= packages if isinstance(packages, Mapping) else {}
    return [{"name": name, "version": version} for name, version in named.items() if version]
