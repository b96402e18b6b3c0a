"""The application's place in the site."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_delete, post_save


class CommentsConfig(AppConfig):
    """Registers `roomtone_site.comments`."""

    name = "roomtone_site.comments"
    label = "comments"

    def ready(self) -> None:
        """Let files go with the imports that needed them, whichever way those end."""
        from roomtone_site.comments.uploads import drop, drop_ended

        post_save.connect(drop_ended, sender="comments.Import")
        post_delete.connect(drop, sender="comments.Import")
