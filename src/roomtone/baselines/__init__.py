"""Classical models to compare the network with, and to use as engines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from roomtone.baselines.options import QUICK, TfidfOptions
from roomtone.baselines.tfidf import BASELINES, Baseline, build_baseline, evaluate_baseline
from roomtone.errors import require

if TYPE_CHECKING:
    from roomtone.baselines.estimator import TfidfSentiment

__all__ = [
    "BASELINES",
    "QUICK",
    "Baseline",
    "TfidfOptions",
    "TfidfSentiment",
    "build_baseline",
    "evaluate_baseline",
]


def __getattr__(name: str) -> Any:
    """Import the estimator on first use, since it needs scikit-learn."""
    if name != "TfidfSentiment":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    require("sklearn", extra="baselines", purpose="A TF-IDF baseline")
    from roomtone.baselines.estimator import TfidfSentiment

    return TfidfSentiment
