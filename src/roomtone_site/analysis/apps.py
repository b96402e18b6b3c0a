"""The application's place in the site."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_delete


class AnalysisConfig(AppConfig):
    """Registers `roomtone_site.analysis`."""

    name = "roomtone_site.analysis"
    label = "analysis"

    def ready(self) -> None:
        """Let go what belongs to rows that are deleted, or to texts that change."""
        from roomtone_site.analysis.counting import drop_predictions
        from roomtone_site.analysis.leftovers import remove_folder
        from roomtone_site.comments.storing import texts_changed

        post_delete.connect(remove_folder, sender="analysis.ModelVersion")
        texts_changed.connect(drop_predictions)
