"""``manage.py import_comments comments.csv --video LINK``."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from roomtone.data.streams import FORMATS
from roomtone.errors import DataError
from roomtone.sources.links import video_id
from roomtone_site.accounts.choosing import account_named
from roomtone_site.commands import SiteCommand
from roomtone_site.comments.columns import NAMES, TEXT_NAMES
from roomtone_site.comments.importing import import_comments

SHOWN = 20


class Command(SiteCommand):
    """Imports a file of comments."""

    help = (
        "Import comments from CSV, JSON lines (as youtube-comment-downloader writes them) or "
        f"Parquet. Texts are in one of the columns {', '.join(TEXT_NAMES)}. Others that are known: "
        + "; ".join(f"{field} ({', '.join(names)})" for field, names in NAMES.items())
        + ". Importing a file again changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("file", help="the file")
        parser.add_argument("--user", help="whose it is (default: the only account)")
        parser.add_argument(
            "--video",
            default="",
            help="link or id of the video (default: the column video_id, or the file's name)",
        )
        parser.add_argument("--title", default="", help="title of a video that is new")
        parser.add_argument("--format", choices=FORMATS, help="where the name does not tell it")
        parser.add_argument("--text_column", help="the column of the texts")

    def work(self, **options: Any) -> str:
        """Import, and tell what came of it."""
        report = import_comments(
            account_named(options["user"]),
            options["file"],
            kind=options["format"],
            video_id=_id(options["video"]),
            title=options["title"],
            text_column=options["text_column"],
        )
        for row in report.rejected[:SHOWN]:
            self.stderr.write(f"{report.unit} {row.line}: {row.reason}")
        if report.rejections > SHOWN:
            self.stderr.write(f"… and {report.rejections - SHOWN:,} more")
        stored = report.stored
        return (
            f"{report.rows:,} rows: {stored.new:,} comments are new, {stored.changed:,} changed, "
            f"{stored.same:,} were there already, {report.rejections:,} rows are left out. "
            f"Videos: {', '.join(report.videos)}"
        )


def _id(video: str) -> str:
    """Take a link for the video that it leads to, and any other text for an id of the user's."""
    try:
        return video_id(video) if video else ""
    except DataError:
        if "/" in video:
            raise
        return video
