"""The application's place in the site."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Registers `roomtone_site.accounts`."""

    name = "roomtone_site.accounts"
    label = "accounts"
