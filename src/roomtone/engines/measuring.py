"""How good an engine is on labelled rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from roomtone.engines.base import SentimentEngine
from roomtone.stats import bootstrap_interval, classification_metrics

INTERVALS = ("f1_macro", "accuracy", "recall_macro")


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
