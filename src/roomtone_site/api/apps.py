"""The application's place in the site."""

from __future__ import annotations

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Registers `roomtone_site.api`."""

    name = "roomtone_site.api"
    label = "api"
