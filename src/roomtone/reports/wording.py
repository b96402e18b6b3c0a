"""How figures and tables call what the records name briefly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_NAMES = {
    "f1_macro": "macro-F1",
    "f1_micro": "micro-F1",
    "f1_weighted": "weighted F1",
    "precision_macro": "macro precision",
    "recall_macro": "macro recall",
    "cohen_kappa": "Cohen's kappa",
    "mcc": "MCC",
    "log_loss": "log-loss",
}


def metric_name(metric: str) -> str:
    """Name a metric in running text."""
    return _NAMES.get(metric, metric.replace("_", " "))


def flat_settings(settings: Any, at: str = "") -> list[tuple[str, str]]:
    """List settings by their dotted names, as text."""
    if isinstance(settings, Mapping) and settings:
        return [
            leaf
            for key, inner in settings.items()
            for leaf in flat_settings(inner, f"{at}.{key}" if at else str(key))
        ]
    if isinstance(settings, (list, tuple)):
        return [(at, ", ".join(map(str, settings)))]
    return [(at, "none" if settings is None else str(settings))]
