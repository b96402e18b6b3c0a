"""Analyses of videos, what they found, and the versions of models that they use."""

from roomtone_site.analysis.models.analyses import (
    ACTIVE,
    END,
    READABLE,
    REASON,
    SUMMARY,
    Analysis,
    Prediction,
    Removal,
    State,
)
from roomtone_site.analysis.models.versions import ModelVersion

__all__ = [
    "ACTIVE",
    "END",
    "READABLE",
    "REASON",
    "SUMMARY",
    "Analysis",
    "ModelVersion",
    "Prediction",
    "Removal",
    "State",
]
