"""How texts, figures and tables call the metrics that records name briefly."""

from __future__ import annotations

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
