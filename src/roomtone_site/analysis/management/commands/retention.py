"""`manage.py retention`: fetch YouTube's data anew before it is too old, and delete what is."""

from __future__ import annotations

import argparse
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from roomtone_site.analysis.retention import DAYS, REFRESH_AFTER, expire, refresh


class Command(BaseCommand):
    """Keep to the terms at once."""

    help = (
        f"Queue videos to be fetched again whose data from YouTube is {REFRESH_AFTER} days old, "
        f"and delete comments that YouTube last sent {DAYS} days ago, as its terms ask. Imported "
        "comments stay. Workers do so by themselves, once a day."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument(
            "--days", type=int, default=DAYS, help=f"delete after so many (1 to {DAYS})"
        )
        parser.add_argument(
            "--refresh-after", type=int, default=REFRESH_AFTER, help="fetch again after so many"
        )
        parser.add_argument(
            "--no-refresh", action="store_true", help="delete only; nothing is fetched again"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Delete, and queue."""
        if not 1 <= options["days"] <= DAYS:
            raise CommandError(f"--days {options['days']}: expected 1 to {DAYS}")
        if not 0 <= options["refresh_after"] < options["days"] and not options["no_refresh"]:
            raise CommandError(
                f"--refresh-after {options['refresh_after']}: expected 0 to {options['days'] - 1}, "
                "so that there is time to fetch"
            )
        gone = expire(options["days"])
        self.stdout.write(
            f"Deleted {gone.comments:,} comments and {gone.videos:,} videos that YouTube last "
            f"sent {options['days']} days ago."
        )
        if options["no_refresh"]:
            return
        if not settings.YOUTUBE_API_KEY:
            self.stdout.write("Nothing is fetched again: there is no key of YouTube's API.")
            return
        queued = refresh(options["refresh_after"])
        self.stdout.write(f"Queued {queued:,} videos to be fetched again.")
