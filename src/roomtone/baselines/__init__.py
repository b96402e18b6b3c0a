"""Classical models to compare the network with."""

from roomtone.baselines.tfidf import BASELINES, Baseline, build_baseline, evaluate_baseline

__all__ = ["BASELINES", "Baseline", "build_baseline", "evaluate_baseline"]
