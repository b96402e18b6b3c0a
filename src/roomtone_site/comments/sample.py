"""A sample video: real texts of the demo's corpus, or invented ones, below a made-up video."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.db import transaction

from roomtone.data.corpora import build_vader_corpus
from roomtone.data.corpora.vader import VADER
from roomtone.data.fetch import cache_folder, file_sha256
from roomtone.errors import DataError
from roomtone.labels import SENTIMENT
from roomtone_site.comments.incoming import Incoming
from roomtone_site.comments.models import Source, YouTubeVideo
from roomtone_site.comments.storing import store_comments

VIDEO_ID = "sample"
LABELS_FROM = "sample"
MOST = 600
# Tweets are the nearest to comments that the corpus has.
_ORIGIN = "tweets"
_BEGIN = datetime(2026, 1, 10, 18, 0, tzinfo=UTC)
_LABELLED = 0.6
_REPLIES = 0.3


@dataclass(frozen=True)
class Sample:
    """A sample that was loaded.

    Attributes
    ----------
    video : YouTubeVideo
        The video, whose source is ``"sample"``.
    comments : int
        How many comments it has.
    invented : bool
        Whether the texts are the few invented ones that come with the site.
    """

    video: YouTubeVideo
    comments: int
    invented: bool


def corpus_folder() -> Path:
    """Tell where the site keeps the demo's corpus, which its default model learns from, too."""
    return Path(settings.SITE_FOLDER) / "corpus"


def corpus_is_here() -> bool:
    """Tell whether the corpus can be had without a download."""
    archive = cache_folder() / VADER.archive
    return _test_rows().is_file() or (archive.is_file() and file_sha256(archive) == VADER.sha256)


def load_sample(owner: Any, *, most: int = MOST) -> Sample:
    """Give an account a video with comments to try everything on; nothing is downloaded.

    The texts are tweets of the corpus's test rows, which the site's default model has not learnt
    from. Where the corpus was never downloaded they are a few invented ones. Authors, likes,
    times and threads are made up in both cases. Loading it again changes nothing.

    Parameters
    ----------
    owner : User
        Whose the video is.
    most : int
        So many comments at most.

    Raises
    ------
    DataError
        If the corpus is there and cannot be read, or `most` leaves nothing.
    """
    if most < 1:
        raise DataError(f"most: {most} comments make no sample, expected 1 or more")
    invented = not corpus_is_here()
    rows = list(_invented() if invented else _of_corpus())[:most]
    title = "Sample: invented comments" if invented else "Sample: tweets that people rated"
    facts = {
        "title": title,
        "channel": "roomtone",
        "published": _BEGIN,
        "comment_count": len(rows),
    }
    with transaction.atomic():
        video, _ = YouTubeVideo.objects.update_or_create(
            owner=owner,
            source=Source.SAMPLE,
            create_defaults={"video_id": _free_id(owner), **facts},
            defaults=facts,
        )
        store_comments(video, dressed(rows), labels_from=LABELS_FROM)
        # Those of the other sample, where the corpus has come or gone meanwhile.
        others = "tweet-" if invented else "invented-"
        video.comments.filter(comment_id__startswith=others).delete()
    return Sample(video, video.comments.count(), invented)


def dressed(rows: list[tuple[str, str, int]], seed: int = 7) -> Iterator[Incoming]:
    """Put authors, likes, times, threads and some labels to texts, the same ones every time.

    Parameters
    ----------
    rows : list of (str, str, int)
        Id, text and class code of each comment.
    seed : int
        Of what is made up.
    """
    random = np.random.default_rng(seed)
    hours = np.sort(random.exponential(120, len(rows)))
    threads: list[str] = []
    for at, (name, text, label) in enumerate(rows):
        reply = bool(threads) and random.random() < _REPLIES
        yield Incoming(
            comment_id=name,
            text=text,
            author=f"sample viewer {random.integers(1, max(len(rows), 2))}",
            likes=int(random.pareto(1.1) * 2),
            published=_BEGIN + timedelta(hours=float(hours[at])),
            parent_id=str(random.choice(threads[-20:])) if reply else None,
            language="en",
            sentiment=label if random.random() < _LABELLED else None,
        )
        if not reply:
            threads.append(name)


def _free_id(owner: Any) -> str:
    """Find an id that no file has given to a video of the account."""
    taken = set(
        YouTubeVideo.objects.filter(owner=owner, video_id__startswith=VIDEO_ID).values_list(
            "video_id", flat=True
        )
    )
    names = (VIDEO_ID, *(f"{VIDEO_ID}-{number}" for number in range(1, len(taken) + 1)))
    return next(name for name in names if name not in taken)


def _test_rows() -> Path:
    return corpus_folder() / "test.csv"


def _of_corpus() -> Iterator[tuple[str, str, int]]:
    if not _test_rows().is_file():
        build_vader_corpus(corpus_folder())
    with _test_rows().open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["source"] == _ORIGIN]
    for number, row in enumerate(rows):
        yield f"tweet-{number}", row["text"], SENTIMENT.index(row["label"])


def _invented() -> Iterator[tuple[str, str, int]]:
    content = (files("roomtone_site.comments") / "invented.csv").read_text("utf-8")
    rows = list(csv.DictReader(content.splitlines()))
    for number in np.random.default_rng(1).permutation(len(rows)):
        row = rows[number]
        yield f"invented-{number}", row["text"], SENTIMENT.index(row["label"])
