"""Importing a file that was sent: each batch is stored with the progress, or not at all.

A worker that takes up where another died reads the rows before again, for what later ones need of
them (ids that were made up, replies that wait for their thread), and stores none of them twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from django.utils import timezone

from roomtone.errors import DataError
from roomtone_site.comments.importing import ImportReport, Journal, import_comments
from roomtone_site.comments.models import Import, YouTubeVideo
from roomtone_site.comments.opening import OF_UPLOADS
from roomtone_site.comments.storing import Stored
from roomtone_site.comments.uploads import file_of
from roomtone_site.jobs import stopping
from roomtone_site.jobs.claims import Claim
from roomtone_site.jobs.job import storable
from roomtone_site.jobs.working import work

_LISTED = 100  # videos, which the page names
_LONGEST_REASON = 300


def run(pk: int) -> str:
    """Import a file to its end; says what became of it."""
    return work(Import, pk, _go_on)


class _Journal(Journal):
    """Keeps in the job's row how far it is; after each batch the worker may be stopped."""

    def __init__(self, claim: Claim[Import], row: Import) -> None:
        self._claim = claim
        self.rows, self.stored = row.rows, Stored(row.new, row.changed, row.same)

    @contextmanager
    def batch(self, report: ImportReport) -> Iterator[None]:
        stopping.check()
        with self._claim.step() as row:
            yield
            _note(row, report)
            row.save()


def _go_on(claim: Claim[Import]) -> str:
    with claim.step() as row:
        row.state = Import.State.RUNNING
        row.save()
    path = file_of(row)
    try:
        report = import_comments(
            row.owner,
            path,
            title=row.title,
            otherwise=_content_id(path, row.title),
            journal=_Journal(claim, row),
            limit=OF_UPLOADS,
        )
    except YouTubeVideo.DoesNotExist:
        raise DataError(
            "The video was deleted while its comments were imported, so the rest was left out."
        ) from None
    except DataError as error:
        raise DataError(str(error).replace(str(path), row.name)) from None
    with claim.step() as row:
        _note(row, report)
        row.rejected = [
            [line.line, storable(line.reason, _LONGEST_REASON)] for line in report.rejected
        ]
        row.unit, row.fraction = report.unit, 1.0
        row.claim, row.state, row.finished = "", Import.State.DONE, timezone.now()
        row.save()
        there = [video.pk for video in islice(report.videos.values(), _LISTED)]
        row.videos.set(YouTubeVideo.objects.filter(pk__in=there))
    return "done"


def _note(row: Import, report: ImportReport) -> None:
    row.rows, row.fraction, row.rejections = report.rows, report.fraction, report.rejections
    row.new, row.changed, row.same = report.stored.new, report.stored.changed, report.stored.same


def _content_id(path: Path, title: str) -> str:
    """Name a video by what was sent: many files have the same name, and few the same content."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    digest.update(f"\0{title}".encode())
    return f"file:{digest.hexdigest()[:32]}"
