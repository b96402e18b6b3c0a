"""The application's place in the site."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_delete


class AnalysisConfig(AppConfig):
    """Registers `roomtone_site.analysis`."""

    name = "roomtone_site.analysis"
    label = "analysis"

    def ready(self) -> None:
        """Let folders of models go with their rows, whichever way those are deleted."""
        from roomtone_site.analysis.leftovers import remove_folder

        post_delete.connect(remove_folder, sender="analysis.ModelVersion")
