"""The application's place in the site."""

from __future__ import annotations

from django.apps import AppConfig


class LimitsConfig(AppConfig):
    """Registers `roomtone_site.limits`."""

    name = "roomtone_site.limits"
    label = "limits"
