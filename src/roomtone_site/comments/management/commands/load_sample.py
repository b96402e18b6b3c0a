"""``manage.py load_sample``: something to look at, without a network."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from roomtone_site.accounts.choosing import account_named
from roomtone_site.commands import SiteCommand
from roomtone_site.comments.sample import MOST, load_sample


class Command(SiteCommand):
    """Loads the sample video."""

    help = "Give an account a sample video with comments; nothing is downloaded."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--user", help="whose it is to be (default: the only account)")
        parser.add_argument(
            "--most", type=int, default=MOST, help=f"comments at most (default: {MOST})"
        )

    def work(self, **options: Any) -> str:
        """Load it, and tell what it is."""
        sample = load_sample(account_named(options["user"]), most=options["most"])
        if sample.invented:
            self.stderr.write(
                "The demo's corpus is not on this machine, so the comments are a few invented "
                "ones. `roomtone corpus vader --output_dir data` downloads it; then load the "
                "sample again for real texts."
            )
        return (
            f"{sample.comments:,} comments below {sample.video.title!r} for "
            f"{sample.video.owner.get_username()}"
        )
