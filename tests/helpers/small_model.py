"""A model of a few words, for tests that need one and not a good one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

TEXTS = (
    *("I love this, great and lovely", "great song, I love it", "what a lovely day"),
    *("this is awful, I hate it", "bad, awful, boring", "I hate this bad film"),
    *("it is on tuesday", "the film runs two hours", "recorded in may"),
)
"""Three positive ones, three negative ones, three neutral ones."""


def small_engine() -> Any:
    """Fit the model; skips the test where scikit-learn is not installed."""
    pytest.importorskip("sklearn", reason="needs roomtone[baselines]")
    from roomtone.baselines import TfidfOptions
    from roomtone.engines.fitting import fit_pipeline

    names = ("negative", "neutral", "positive")
    return fit_pipeline(
        "logreg", TEXTS, np.repeat([2, 0, 1], 3), names, options=TfidfOptions(), seed=1
    )
