"""The application's place in the site."""

from __future__ import annotations

from django.apps import AppConfig


class CommentsConfig(AppConfig):
    """Registers `roomtone_site.comments`."""

    name = "roomtone_site.comments"
    label = "comments"
