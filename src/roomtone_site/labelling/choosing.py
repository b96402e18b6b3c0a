"""Choosing the comments of a label set."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from roomtone.errors import DataError
from roomtone_site.analysis.models import Removal
from roomtone_site.comments.models import YouTubeComment, YouTubeVideo
from roomtone_site.labelling.models import Label, LabelItem, LabelSet
from roomtone_site.labelling.settling import SOURCE

MOST = 2000
_CHUNK = 500


def make_set(
    owner: Any,
    name: str,
    *,
    mode: str,
    size: int = 100,
    video: YouTubeVideo | None = None,
    seed: int = 42,
) -> LabelSet:
    """Make a set of comments, the same ones for all annotators.

    Comments that an analysis took for spam, whose label was imported, or whose text another comment
    of the set has, are left out. So are those of other sets; from a random sample only those of
    other random ones, for without the comments of which a model was unsure it would be a sample
    of the easy ones. What the owner said of these already counts in it, too.

    Parameters
    ----------
    owner : User
        Whose comments they are.
    name : str
        What the set is called.
    mode : str
        One of `LabelSet.Mode`.
    size : int
        How many comments at most.
    video : YouTubeVideo, optional
        Where the comments come from; without it from all videos of the account.
    seed : int
        Of a random sample.

    Raises
    ------
    DataError
        If a value is not possible, or there is no such comment.
    """
    if not 1 <= len(name.strip()) <= 100:
        raise DataError(f"the name has {len(name.strip())} characters, expected 1 to 100")
    if not 1 <= size <= MOST:
        raise DataError(f"a set has 1 to {MOST:,} comments, asked for {size:,}")
    uncertain = mode == LabelSet.Mode.UNCERTAIN
    if not uncertain and mode != LabelSet.Mode.RANDOM:
        raise DataError(
            f"unknown way to choose {mode!r} (known: {', '.join(LabelSet.Mode.values)})"
        )
    rows = YouTubeComment.objects.owned_by(owner)
    if uncertain:
        rows = rows.filter(sentiment=None, label_items=None)
    else:
        taken = LabelItem.objects.filter(label_set__mode=mode).values("comment")
        rows = rows.filter(Q(sentiment=None) | Q(sentiment_source=SOURCE)).exclude(pk__in=taken)
    if video is not None:
        rows = rows.filter(video=video)
    rows = rows.exclude(pk__in=Removal.objects.filter(reason=Removal.Reason.SPAM).values("comment"))
    chosen = list(islice(_distinct(_least_sure(rows) if uncertain else _drawn(rows, seed)), size))
    if not chosen:
        raise DataError(
            "no comment that nobody has labelled has been scored; analyse a video first, or choose "
            "a random sample"
            if uncertain and rows.exists()
            else "there is no comment left for such a set"
        )
    with transaction.atomic():
        made = LabelSet.objects.create(
            owner=owner, name=name.strip(), mode=mode, video=video, seed=seed
        )
        LabelItem.objects.bulk_create(
            [
                LabelItem(label_set=made, comment_id=pk, position=position)
                for position, pk in enumerate(chosen)
            ],
            batch_size=_CHUNK,
        )
        _carry_over(made, owner)
    return made


def _carry_over(made: LabelSet, owner: Any) -> None:
    """Let an owner's labels from other sets count, so that nobody is asked twice."""
    given = Label.objects.filter(
        annotator=owner,
        value__isnull=False,
        label_set__owner=owner,
        comment__in=made.items.values("comment"),
    )
    newest = {row.comment_id: row.value for row in given.order_by("created", "pk")}
    Label.objects.bulk_create(
        [
            Label(label_set=made, comment_id=comment, annotator=owner, value=value)
            for comment, value in newest.items()
        ],
        batch_size=_CHUNK,
    )


def _least_sure(rows: QuerySet[Any]) -> Iterator[tuple[int, str]]:
    found = rows.filter(confidence__isnull=False).order_by("confidence", "pk")
    yield from found.values_list("pk", "text").iterator(_CHUNK)


def _drawn(rows: QuerySet[Any], seed: int) -> Iterator[tuple[int, str]]:
    """Go through the rows in an order that the seed decides, texts read in parts."""
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    random.Random(seed).shuffle(keys)
    for start in range(0, len(keys), _CHUNK):
        part = keys[start : start + _CHUNK]
        texts = dict(YouTubeComment.objects.filter(pk__in=part).values_list("pk", "text"))
        yield from ((pk, texts[pk]) for pk in part if pk in texts)


def _distinct(rows: Iterator[tuple[int, str]]) -> Iterator[int]:
    seen: set[str] = set()
    for pk, text in rows:
        key = " ".join(text.casefold().split())
        if key not in seen:
            seen.add(key)
            yield pk
