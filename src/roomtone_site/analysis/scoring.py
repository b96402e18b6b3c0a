"""Scoring the comments of a video, some at a time; each lot is stored with the progress."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from django.db.models import OuterRef, Subquery
from numpy.typing import NDArray

from roomtone.engines import SentimentEngine
from roomtone_site.analysis.models import Analysis, Prediction, State
from roomtone_site.analysis.planning import know_sizes
from roomtone_site.analysis.versions import columns_of
from roomtone_site.comments.models import YouTubeComment
from roomtone_site.jobs import stopping
from roomtone_site.jobs.claims import Claim

BATCH = 1000
_SHARES = ("p_negative", "p_neutral", "p_positive")


def score(claim: Claim[Analysis], load: Callable[[], SentimentEngine]) -> None:
    """Score the comments that the analysis has no prediction of yet.

    All of them, also those that a filter leaves out: to let one in again takes no model then.

    Parameters
    ----------
    claim : Claim of Analysis
        The analysis.
    load : callable
        Gives the model; not called where nothing is to be scored.
    """
    with claim.step() as row:
        row.state = State.SCORING
        row.total = YouTubeComment.objects.filter(video=row.video).count()
        row.done = Prediction.objects.filter(analysis=row).count()
        row.save()
    last, looked_at, engine = 0, 0, None
    while comments := _unscored(row, last):
        stopping.check()
        last = comments[-1][0]
        engine = engine or load()
        shares, known = engine.scores([text for _, text in comments])
        with claim.step() as row:
            keys = [pk for pk, _ in comments]
            row.done += _store(row, keys, shares[:, columns_of(engine)], known)
            row.save()
        if row.done > 2 * looked_at:  # what is stored next is planned for what is there by now
            know_sizes()
            looked_at = row.done


def _unscored(analysis: Analysis, after: int) -> list[tuple[int, str]]:
    """Find the next comments without a prediction; none where all have one.

    By two plain queries for each lot. As one, with an anti-join, PostgreSQL may compare every
    comment with every prediction, while it does not know yet how many this analysis has.
    """
    comments = YouTubeComment.objects.filter(video=analysis.video).order_by("pk")
    while lot := list(comments.filter(pk__gt=after).values_list("pk", "text")[:BATCH]):
        known = Prediction.objects.filter(analysis=analysis, comment__in=[pk for pk, _ in lot])
        scored = set(known.values_list("comment_id", flat=True))
        if left := [row for row in lot if row[0] not in scored]:
            return left
        after = lot[-1][0]
    return []


def _store(
    analysis: Analysis, keys: list[int], shares: NDArray[np.float64], known: NDArray[np.bool_]
) -> int:
    """Store predictions of the comments that are still there; return how many those are."""
    there = YouTubeComment.objects.select_for_update(of=("self",)).filter(pk__in=keys)
    present = set(there.values_list("pk", flat=True))
    labels = shares.argmax(axis=1).tolist()
    Prediction.objects.bulk_create(
        Prediction(
            analysis=analysis,
            comment_id=pk,
            label=label,
            known=is_known,
            **dict(zip(_SHARES, row, strict=True)),
        )
        for pk, label, row, is_known in zip(
            keys, labels, shares.tolist(), known.tolist(), strict=True
        )
        if pk in present
    )
    made = Prediction.objects.filter(analysis=analysis, comment=OuterRef("pk"))
    there.update(
        predicted=Subquery(made.values("label")[:1]),
        **{name: Subquery(made.values(name)[:1]) for name in _SHARES},
        engine=analysis.engine,
        engine_version=analysis.engine_version,
    )
    return len(present)
