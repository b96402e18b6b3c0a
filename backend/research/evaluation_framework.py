"""Doorway: cross-validation of any model lives in `roomtone.experiments.framework`."""

from roomtone.experiments.framework import EvaluationResult, ThesisEvaluationFramework

__all__ = ["EvaluationResult", "ThesisEvaluationFramework"]
