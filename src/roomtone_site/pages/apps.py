"""The application's place in the site."""

from __future__ import annotations

from django.apps import AppConfig


class PagesConfig(AppConfig):
    """Registers `roomtone_site.pages`."""

    name = "roomtone_site.pages"
    label = "pages"
