"""Storing comments so that the same ones, stored again, change nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.dispatch import Signal

from roomtone_site.comments.incoming import Incoming
from roomtone_site.comments.models import YouTubeComment, YouTubeVideo
from roomtone_site.comments.pseudonyms import pseudonym

IMPORTED = "import"
texts_changed = Signal()
"""Sent with the keys of comments whose text is another than before, in the same transaction."""
_COPIED = ("text", "author", "likes", "published", "language")
_PREDICTED = ("predicted", "p_negative", "p_neutral", "p_positive")
_CHANGED = (
    *_COPIED, "sentiment", "sentiment_source", *_PREDICTED, "engine", "engine_version", "parent"
)  # fmt: skip


@dataclass(frozen=True)
class Stored:
    """What became of some comments.

    Attributes
    ----------
    new, changed, same : int
        How many were added, were there with other values, and were there as they are.
    """

    new: int = 0
    changed: int = 0
    same: int = 0

    def __add__(self, other: Stored) -> Stored:
        return Stored(self.new + other.new, self.changed + other.changed, self.same + other.same)


def store_comments(
    video: YouTubeVideo, comments: Iterable[Incoming], *, labels_from: str = IMPORTED
) -> Stored:
    """Add comments to a video, or bring those that are there up to date, all or none of them.

    A comment whose text has changed loses its predictions, which were of another text. A label
    that a person gave on the site stays; one that came with the data gives way to a newer one.

    Parameters
    ----------
    video : YouTubeVideo
        Whose comments they are.
    comments : iterable of Incoming
        As many as memory holds easily, some thousands; of several with one id the last counts.
    labels_from : str
        Stored as the source of labels.

    Returns
    -------
    Stored
        How many were new.
    """
    rows = {row.comment_id: row for row in comments}
    with transaction.atomic():
        # Whoever else stores comments of this video waits here.
        YouTubeVideo.objects.select_for_update().get(pk=video.pk)
        known = _known(video, [*rows, *filter(None, (row.parent_id for row in rows.values()))])
        new = {
            name: _updated(YouTubeComment(video=video, comment_id=name), row, labels_from)[0]
            for name, row in rows.items()
            if name not in known
        }
        before = [row for name, row in rows.items() if name in known]
        changed, rewritten = [], []
        for row in before:
            text = known[row.comment_id].text
            comment, differs = _updated(known[row.comment_id], row, labels_from)
            changed += [comment] if differs else []
            rewritten += [comment.pk] if comment.text != text else []
        _create(new, rows, known)
        threaded = _put_into_threads(known, before)
        altered = {comment.pk: comment for comment in (*changed, *threaded)}
        YouTubeComment.objects.bulk_update(altered.values(), _CHANGED, batch_size=200)
        if rewritten:
            texts_changed.send(YouTubeComment, keys=rewritten)
    return Stored(len(new), len(changed), len(rows) - len(new) - len(changed))


def _create(
    new: dict[str, YouTubeComment], rows: dict[str, Incoming], known: dict[str, YouTubeComment]
) -> None:
    """Add comments, each after the one that it replies to; they are known afterwards."""
    waiting = dict(new)
    while waiting:
        ready = {
            name: comment
            for name, comment in waiting.items()
            if rows[name].parent_id == name or rows[name].parent_id not in waiting
        }
        if not ready:  # they go in circles, and the first begins a thread
            name = next(iter(waiting))
            ready = {name: waiting[name]}
        for name, comment in ready.items():
            comment.parent = known.get(rows[name].parent_id or "")
        YouTubeComment.objects.bulk_create(ready.values())
        known |= ready
        waiting = {name: comment for name, comment in waiting.items() if name not in ready}


def connect_replies(video: YouTubeVideo, replies: Sequence[tuple[str, str]]) -> None:
    """Connect replies that were stored before the comment that they reply to.

    Parameters
    ----------
    video : YouTubeVideo
        Whose comments they are.
    replies : sequence of (str, str)
        Ids of a reply and of the comment that it replies to; unknown ones are passed over.
    """
    with transaction.atomic():
        known = _known(video, [name for pair in replies for name in pair])
        found = [Incoming(name, "", parent_id=parent) for name, parent in replies if name in known]
        YouTubeComment.objects.bulk_update(
            _put_into_threads(known, found), ["parent"], batch_size=500
        )


def _known(video: YouTubeVideo, names: list[str]) -> dict[str, YouTubeComment]:
    """Find comments by id, in queries that no database finds too long."""
    found: dict[str, YouTubeComment] = {}
    distinct = list(dict.fromkeys(names))
    for start in range(0, len(distinct), 500):
        rows = YouTubeComment.objects.filter(
            video=video, comment_id__in=distinct[start : start + 500]
        )
        found |= {comment.comment_id: comment for comment in rows}
    return found


def _updated(
    comment: YouTubeComment, row: Incoming, labels_from: str
) -> tuple[YouTubeComment, bool]:
    """Copy what a source says into a comment; tell whether anything differs from what it was."""
    values = {
        "text": row.text.replace("\0", ""),
        "author": pseudonym(row.author),
        "likes": row.likes,
        "published": row.published,
        "language": row.language if row.language is not None else comment.language,
    }
    labelled_here = comment.sentiment is not None and comment.sentiment_source != labels_from
    if row.sentiment is not None and not labelled_here:
        values |= {"sentiment": row.sentiment, "sentiment_source": labels_from}
    if values["text"] != comment.text:
        values |= dict.fromkeys(_PREDICTED) | {"engine": "", "engine_version": ""}
    differs = any(getattr(comment, name) != value for name, value in values.items())
    for name, value in values.items():
        setattr(comment, name, value)
    return comment, differs


def _put_into_threads(
    known: dict[str, YouTubeComment], rows: Iterable[Incoming]
) -> list[YouTubeComment]:
    """Set the parents of replies where both are stored; return those that were changed."""
    moved = []
    for row in rows:
        parent = known.get(row.parent_id or "")
        reply = known[row.comment_id]
        if parent is None or parent.parent_id == reply.pk:  # a circle would have no beginning
            continue
        if parent.pk not in (reply.pk, reply.parent_id):
            reply.parent = parent
            moved.append(reply)
    return moved
