"""What the site's own commands have in common."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from roomtone.errors import RoomtoneError


class SiteCommand(BaseCommand):
    """A command whose expected failures are one message without a traceback."""

    requires_migrations_checks = True

    def handle(self, *_: Any, **options: Any) -> str | None:
        """Run it.

        Raises
        ------
        CommandError
            For every `RoomtoneError`.
        """
        try:
            return self.work(**options)
        except RoomtoneError as error:
            raise CommandError(str(error), returncode=2) from error

    def work(self, **options: Any) -> str | None:
        """Do what the command is for; what it returns is printed."""
        raise NotImplementedError
