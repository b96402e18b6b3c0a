"""Importing comments from files: CSV, JSON lines, and what youtube-comment-downloader writes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone

from roomtone.data.rows import Rejection
from roomtone.data.streams import Chunk, ChunkSize
from roomtone.errors import DataError
from roomtone_site.comments.columns import RowReader
from roomtone_site.comments.incoming import Incoming
from roomtone_site.comments.models import Source, YouTubeVideo
from roomtone_site.comments.opening import ReadLimit, open_table
from roomtone_site.comments.storing import Stored, connect_replies, store_comments

BATCH = 1000
MOST_REJECTIONS = 1000
LONGEST_VIDEO_ID, LONGEST_TITLE = 64, 300


@dataclass
class ImportReport:
    """What became of a file.

    Attributes
    ----------
    rows : int
        Rows that were read.
    fraction : float or None
        How much of the file that is, from 0 to 1; None where it is not known.
    stored : Stored
        How many of them were new, changed or known.
    rejected : list of Rejection
        The first `MOST_REJECTIONS` rows that were left out, each with its line.
    rejections : int
        How many were left out in all.
    unit : str
        What the number of a row counts: ``"line"`` or ``"row"``.
    videos : dict of str to YouTubeVideo
        Those that the rows belong to, by their id.
    """

    rows: int = 0
    fraction: float | None = None
    stored: Stored = field(default_factory=Stored)
    rejected: list[Rejection] = field(default_factory=list)
    rejections: int = 0
    unit: str = "line"
    videos: dict[str, YouTubeVideo] = field(default_factory=dict)

    def reject(self, place: int, reason: str) -> None:
        """Note a row that was left out."""
        self.rejections += 1
        if len(self.rejected) < MOST_REJECTIONS:
            self.rejected.append(Rejection(place, reason))


class Journal:
    """What an import keeps with each batch, to go on from there; this one keeps nothing.

    Attributes
    ----------
    rows : int
        Rows whose batches were stored before: they are read again, and not stored again.
    stored : Stored
        What became of these.
    """

    rows = 0
    stored = Stored()

    @contextmanager
    def batch(self, report: ImportReport) -> Iterator[None]:
        """Store a batch in one transaction; `report` tells all up to it, once it is stored."""
        with transaction.atomic():
            yield


def import_comments(
    owner: Any,
    path: str | Path,
    *,
    kind: str | None = None,
    video_id: str = "",
    title: str = "",
    otherwise: str = "",
    text_column: str | None = None,
    journal: Journal | None = None,
    limit: ReadLimit | None = None,
) -> ImportReport:
    """Import a file of comments, a batch at a time.

    A batch is stored whole or not at all, and importing the file again changes nothing, so that
    an import that was interrupted is simply done once more.

    Parameters
    ----------
    owner : User
        Whose the videos are.
    path : str or Path
        A CSV file, JSON lines or Parquet, the first two also compressed with gzip.
    kind : str, optional
        One of `roomtone.data.streams.FORMATS` where the name does not tell.
    video_id, title : str
        The video whose comments they are. Without an id each row's ``video_id`` counts, and
        where there is none `otherwise`.
    otherwise : str
        The id of the video of rows that name none; made of the file's name where empty.
    text_column : str, optional
        The column of the texts; by default the first of `TEXT_NAMES` that is there.
    journal : Journal, optional
        Where it goes on that was interrupted, so that its report is one of the whole file.
    limit : ReadLimit, optional
        The most that is read; the batches before it stay stored.

    Raises
    ------
    DataError
        If the file cannot be read as a table, no row of it is a comment, or it has more than
        `limit` allows.
    """
    stream = open_table(path, kind, text_column, limit)
    try:
        if len(video_id) > LONGEST_VIDEO_ID:
            raise DataError(f"video: the id is longer than {LONGEST_VIDEO_ID} characters")
        file = Path(Path(path).name.removesuffix(".gz")).stem
        otherwise = (otherwise or f"file:{file}")[:LONGEST_VIDEO_ID]
        names = _Names(video_id, title, file, otherwise)
        rows = _Import(owner, names, stream.columns, journal or Journal())
        rows.report.unit = stream.unit
        for chunk in stream.chunks(ChunkSize(rows=BATCH)):
            if limit is not None:
                limit.check_rows(rows.report.rows + len(chunk.places))
            rows.report.fraction = stream.fraction()
            rows.add(chunk)
    finally:
        stream.close()
    rows.finish()
    if not rows.report.videos:
        first = rows.report.rejected[:1]
        detail = f" ({stream.unit} {first[0].line}: {first[0].reason})" if first else ""
        raise DataError(f"{path}: no row of it is a comment{detail}")
    return rows.report


class _Names(NamedTuple):
    """What the videos of a file are called whose rows do not tell."""

    video_id: str
    title: str
    file: str
    otherwise: str


class _Import:
    """An import under way."""

    def __init__(self, owner: Any, names: _Names, columns: Sequence[str], journal: Journal) -> None:
        self.report = ImportReport(stored=journal.stored)
        self._owner, self._names, self._journal = owner, names, journal
        self._reader = RowReader(columns)
        self._replies: dict[str, list[tuple[str, str]]] = {}

    def add(self, chunk: Chunk) -> None:
        """Store a batch."""
        videos: dict[str, tuple[str, list[Incoming]]] = {}
        for place, text, problem, row in zip(
            chunk.places, chunk.texts, chunk.problems, chunk.rows(), strict=True
        ):
            self.report.rows += 1
            reason = problem
            if not reason:
                try:
                    name, title = self._video_of(row)
                    comment = self._reader.comment(text, row)
                    reason = comment.problem()
                except DataError as error:
                    reason = str(error)
            if reason:
                self.report.reject(place, reason)
                continue
            videos.setdefault(name, (title, []))[1].append(comment)
        if self.report.rows <= self._journal.rows:
            self._know(videos)
            return
        with self._journal.batch(self.report):
            for name, (title, comments) in videos.items():
                self._store(name, title, comments)

    def finish(self) -> None:
        """Connect what came before the comment that it replies to."""
        for name, replies in self._replies.items():
            if name in self.report.videos:
                connect_replies(self.report.videos[name], replies)

    def _video_of(self, row: Sequence[object]) -> tuple[str, str]:
        name, title = self._reader.video(row)
        title = self._names.title or title or name or self._names.video_id or self._names.file
        name = self._names.video_id or name or self._names.otherwise
        if len(name) > LONGEST_VIDEO_ID:
            raise DataError(f"video_id: longer than {LONGEST_VIDEO_ID} characters")
        return name, title[:LONGEST_TITLE]

    def _store(self, name: str, title: str, comments: list[Incoming]) -> None:
        if name not in self.report.videos:
            new = {"title": title, "source": Source.IMPORT, "fetched_at": timezone.now()}
            self.report.videos[name], _ = YouTubeVideo.objects.get_or_create(
                owner=self._owner, video_id=name, defaults=new
            )
        self.report.stored += store_comments(self.report.videos[name], comments)
        # What a file brings is the account's own, and does not expire as what YouTube sent.
        here = [comment.comment_id for comment in comments]
        self.report.videos[name].comments.filter(
            comment_id__in=here, fetched_at__isnull=False
        ).update(fetched_at=None)
        self._remember(name, comments)

    def _know(self, videos: dict[str, tuple[str, list[Incoming]]]) -> None:
        """Take note of a batch that was stored before."""
        unknown = set(videos) - set(self.report.videos)
        rows = YouTubeVideo.objects.filter(owner=self._owner, video_id__in=unknown)
        self.report.videos |= {video.video_id: video for video in rows}
        for name, (_, comments) in videos.items():
            self._remember(name, comments)

    def _remember(self, name: str, comments: list[Incoming]) -> None:
        """Keep which replies came without the comment that they reply to."""
        here = {comment.comment_id for comment in comments}
        self._replies.setdefault(name, []).extend(
            (comment.comment_id, comment.parent_id)
            for comment in comments
            if comment.parent_id is not None and comment.parent_id not in here
        )
