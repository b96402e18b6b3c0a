"""Names of the metrics that an epoch yields, and which way each is better."""

from __future__ import annotations

from roomtone.errors import nearest

EPOCH_METRICS = (
    "loss",
    "accuracy",
    "f1_macro",
    "precision_macro",
    "recall_macro",
    "cohen_kappa",
    "mcc",
)
_MINIMISED = ("loss",)
MONITORS = tuple(f"{split}_{metric}" for split in ("val", "train") for metric in EPOCH_METRICS)


def check_monitor(name: str) -> str:
    """Accept the name of a metric that can be monitored; the console's `val_avg_loss` too.

    Raises
    ------
    ValueError
        If no epoch yields a metric of this name.
    """
    plain = name.replace("_avg_loss", "_loss")
    if plain not in MONITORS:
        raise ValueError(f"one of {', '.join(MONITORS)}{nearest(plain, MONITORS)}")
    return plain


def is_minimised(name: str) -> bool:
    """Tell whether a smaller value of the metric is the better one."""
    return name.split("_", 1)[1] in _MINIMISED
