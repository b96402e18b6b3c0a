"""The application's place in the site."""

from __future__ import annotations

from django.apps import AppConfig


class LabellingConfig(AppConfig):
    """Registers `roomtone_site.labelling`."""

    name = "roomtone_site.labelling"
    label = "labelling"
