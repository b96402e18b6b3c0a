"""``manage.py export_labeled --output_dir data --split 70/15/15``."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from roomtone.labels import SENTIMENT
from roomtone_site.accounts.choosing import account_named
from roomtone_site.commands import SiteCommand
from roomtone_site.comments.exporting import export_labelled, labelled_comments, parse_shares


class Command(SiteCommand):
    """Writes labelled comments as files for training."""

    help = (
        "Write labelled comments as train.csv, val.csv and test.csv, which `roomtone train` reads."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--output_dir", type=Path, default=Path("data"), help="where to")
        parser.add_argument(
            "--split", default="70/15/15", help="shares of train, val and test (default: 70/15/15)"
        )
        parser.add_argument(
            "--by_video", action="store_true", help="keep each video's comments in one file"
        )
        parser.add_argument(
            "--held_out",
            action="store_true",
            help="test.csv gets the comments by which the site judges models, and no others, so "
            "that a model of these files can be compared there",
        )
        whose = parser.add_mutually_exclusive_group()
        whose.add_argument("--user", help="whose comments (default: those of the only account)")
        whose.add_argument("--all", action="store_true", help="those of all accounts")
        parser.add_argument(
            "--with_api_data",
            action="store_true",
            help="comments from YouTube's API, too; its terms want copies to be refreshed or "
            "deleted within 30 days, and files know nothing of it",
        )
        parser.add_argument(
            "--safe",
            action="store_true",
            help="keep spreadsheet programs from running a comment as a formula",
        )
        parser.add_argument("--seed", type=int, default=42, help="of the drawing (default: 42)")

    def work(self, **options: Any) -> str:
        """Write them, and tell what they hold."""
        owner = None if options["all"] else account_named(options["user"])
        exported = export_labelled(
            labelled_comments(owner),
            options["output_dir"],
            shares=parse_shares(options["split"]),
            by_video=options["by_video"],
            held_out=options["held_out"],
            with_api_data=options["with_api_data"],
            safe=options["safe"],
            seed=options["seed"],
        )
        if exported.left_out:
            self.stderr.write(
                f"{exported.left_out:,} labelled comments from YouTube's API are left out; "
                "--with_api_data takes them in, and then the terms are yours to keep"
            )
        for warning in exported.warnings():
            self.stderr.write(f"Warning: {warning}")
        return "\n".join(
            f"{path}: "
            + ", ".join(f"{exported.counts[split][name]:,} {name}" for name in SENTIMENT)
            for split, path in exported.files.items()
        )
