"""How good an engine is on labelled rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from roomtone.data.tables import LabelledTexts
from roomtone.engines.base import SentimentEngine
from roomtone.stats import Calibration, bootstrap_interval, classification_metrics

INTERVALS = ("f1_macro", "accuracy", "recall_macro")
_OF_PROBABILITIES = ("log_loss", "brier", "ece")


def measure(
    engine: SentimentEngine, texts: Sequence[str], labels: ArrayLike, *, seed: int = 42
) -> dict[str, Any]:
    """Score an engine on some rows.

    Returns
    -------
    dict
        ``"metrics"``, per class by name, and ``"intervals"``, of 95 %, as values that JSON can
        hold; a run's ``test_metrics.json`` has the same two.

    Raises
    ------
    DataError
        If the labels are not class codes, or not as many as the texts.
    """
    probs, codes = engine.predict_proba(texts), np.asarray(labels, dtype=np.int64)
    predicted, count = probs.argmax(axis=1), len(engine.class_names)
    metrics = classification_metrics(codes, predicted, count, probs)
    intervals = {
        metric: bootstrap_interval(codes, predicted, count, metric, seed=seed).to_dict()
        for metric in INTERVALS
    }
    return {"metrics": metrics.to_dict(engine.class_names), "intervals": intervals}


def measure_again(
    engine: SentimentEngine,
    splits: Mapping[str, LabelledTexts],
    was: Calibration,
    *,
    seed: int = 42,
) -> dict[str, Any]:
    """Return what an engine is to record as its metrics after a new calibration.

    Splits whose rows are not at hand keep what the calibration has not changed: all but log loss,
    Brier score and calibration error; nothing at all where it may have changed labels.

    Parameters
    ----------
    engine : SentimentEngine
        With the new calibration, and the metrics of the old one on its record.
    splits : mapping of str to LabelledTexts
        The rows that are at hand, by the names of their splits.
    was : Calibration
        The calibration before.
    seed : int
        Of the intervals.
    """
    recorded = engine.record.get("metrics")
    kept = recorded if isinstance(recorded, dict) else {}
    if engine.calibration != was:
        labels_stay = "vector" not in (engine.calibration.kind, was.kind)
        kept = {split: _of_labels(old) for split, old in kept.items()} if labels_stay else {}
    found = {
        split: measure(engine, rows.texts, rows.labels, seed=seed) for split, rows in splits.items()
    }
    return {**kept, **found}


def _of_labels(measured: Any) -> dict[str, Any]:
    """Leave out the metrics that depend on more of the probabilities than which is largest."""
    old = measured if isinstance(measured, dict) else {}
    return {
        **old,
        **{
            part: {name: value for name, value in values.items() if name not in _OF_PROBABILITIES}
            for part in ("metrics", "intervals")
            if isinstance(values := old.get(part), dict)
        },
    }
