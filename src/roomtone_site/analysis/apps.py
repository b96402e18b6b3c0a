"""The application's place in the site."""

from __future__ import annotations

from django.apps import AppConfig


class AnalysisConfig(AppConfig):
    """Registers `roomtone_site.analysis`."""

    name = "roomtone_site.analysis"
    label = "analysis"
