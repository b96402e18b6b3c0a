"""Django's commands, for the site: ``manage.py COMMAND``."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from roomtone.cli.main import guarded
from roomtone.errors import require

SETTINGS = "roomtone_site.config.settings"


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command of Django's or of the site's.

    Parameters
    ----------
    argv : sequence of str, optional
        The program's name and its arguments; by default those of the process.

    Returns
    -------
    int
        The exit code; 2 where the site is not set up.
    """
    return guarded(lambda: _run(list(sys.argv if argv is None else argv)))


def _run(argv: list[str]) -> int:
    management = require("django.core.management", extra="site", purpose="The site")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    if os.environ["DJANGO_SETTINGS_MODULE"] == SETTINGS:
        from roomtone_site.config.local import use_local_settings

        use_local_settings()
    from django.conf import settings

    _ = settings.SECRET_KEY  # a mistake in the environment is told before anything begins
    management.execute_from_command_line(argv)
    return 0
