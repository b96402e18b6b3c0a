"""Metrics, calibration and intervals, on NumPy and SciPy alone."""

from roomtone.stats.calibration import (
    ReliabilityBins,
    expected_calibration_error,
    reliability_bins,
)
from roomtone.stats.confusion import SCORES, confusion_matrix
from roomtone.stats.intervals import Interval, bootstrap_interval
from roomtone.stats.metrics import ClassificationMetrics, classification_metrics
from roomtone.stats.scaling import Calibration
from roomtone.stats.scaling_fit import fit_temperature, fit_vector

__all__ = [
    "SCORES",
    "Calibration",
    "ClassificationMetrics",
    "Interval",
    "ReliabilityBins",
    "bootstrap_interval",
    "classification_metrics",
    "confusion_matrix",
    "expected_calibration_error",
    "fit_temperature",
    "fit_vector",
    "reliability_bins",
]
