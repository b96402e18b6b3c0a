"""`manage.py worker`: do what was queued, until told to end."""

from __future__ import annotations

import argparse
from typing import Any

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Run a worker."""

    help = (
        "Import, fetch, score and train what was queued. Several can run at once, on several "
        "machines with PostgreSQL; one that dies loses nothing, since another takes its work up."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument(
            "--interval", type=float, default=1.0, help="seconds between two looks for work"
        )
        parser.add_argument("--batch", action="store_true", help="end when nothing is to be done")

    def handle(self, *args: Any, **options: Any) -> None:
        """Work."""
        from roomtone_site.analysis.daily import daily_round
        from roomtone_site.jobs.worker import SiteWorker

        worker = SiteWorker(interval=options["interval"], batch=options["batch"], daily=daily_round)
        worker.configure_signals()
        worker.run()
