"""Labels that people give, and the one that a comment is settled to have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils import timezone

from roomtone_site.comments.models import Sentiment, YouTubeComment
from roomtone_site.labelling.models import Annotator, Decision, Label, LabelItem, LabelSet

SOURCE = "label set"


def next_item(label_set: LabelSet, annotator: Any) -> LabelItem | None:
    """Find the first comment of a set that someone has neither labelled nor skipped."""
    mine = Label.objects.filter(
        label_set=label_set, annotator=annotator, comment=OuterRef("comment")
    )
    found: LabelItem | None = (
        label_set.items.filter(~Exists(mine)).select_related("comment").order_by("position").first()
    )
    return found


def record(item: LabelItem, annotator: Any, value: int | None) -> Label:
    """Store what someone says of a comment; a second answer replaces the first.

    Parameters
    ----------
    item : LabelItem
        The comment in its set.
    annotator : User
        Who says so.
    value : int or None
        The class; None skips the comment.
    """
    with transaction.atomic():
        _lock(item.comment_id)
        label, _ = Label.objects.update_or_create(
            label_set_id=item.label_set_id,
            comment_id=item.comment_id,
            annotator=annotator,
            defaults={"value": value, "created": timezone.now()},
        )
        _settle(item.comment_id)
    return label


def undo(label_set: LabelSet, annotator: Any) -> bool:
    """Take back the newest label, or skip, of someone in a set; tell whether there was one."""
    with transaction.atomic():
        mine = Label.objects.filter(label_set=label_set, annotator=annotator)
        newest = mine.order_by("-created", "-pk").first()
        if newest is None:
            return False
        _lock(newest.comment_id)
        newest.delete()
        _settle(newest.comment_id)
    return True


def decide(item: LabelItem, by: Any, value: int) -> Decision:
    """Settle a comment on which annotators disagree."""
    with transaction.atomic():
        _lock(item.comment_id)
        decision, _ = Decision.objects.update_or_create(
            label_set_id=item.label_set_id,
            comment_id=item.comment_id,
            defaults={"value": value, "decided_by": by},
        )
        _settle(item.comment_id)
    return decision


def disputed(label_set: LabelSet) -> QuerySet[LabelItem]:
    """Find the comments that got different labels and are not settled, in the order of the set."""
    given = label_set.labels.filter(value__isnull=False)
    several = given.values("comment").annotate(kinds=Count("value", distinct=True))
    items = label_set.items.filter(
        comment__in=several.filter(kinds__gt=1).values("comment")
    ).exclude(comment__in=label_set.decisions.values("comment"))
    found: QuerySet[LabelItem] = items.select_related("comment").order_by("position")
    return found


def opinions(items: Sequence[LabelItem]) -> list[list[tuple[str, int]]]:
    """Count for each comment of a set the labels that it got, without saying from whom."""
    given = Label.objects.filter(
        label_set__in={item.label_set_id for item in items},
        comment__in=[item.comment_id for item in items],
        value__isnull=False,
    )
    counts = given.values_list("comment", "value").annotate(count=Count("pk")).order_by("value")
    found: dict[int, list[tuple[str, int]]] = {item.comment_id: [] for item in items}
    for comment, value, count in counts:
        found[comment].append((Sentiment(value).label, count))
    return [found[item.comment_id] for item in items]


def remove_annotator(label_set: LabelSet, annotator: Any) -> None:
    """Take someone out of a set, with all that they said in it; settled labels are settled anew."""
    with transaction.atomic():
        Annotator.objects.filter(label_set=label_set, user=annotator).delete()
        given = Label.objects.filter(label_set=label_set, annotator=annotator)
        comments = list(given.order_by("comment").values_list("comment", flat=True))
        for comment in comments:
            _lock(comment)
        given.delete()
        for comment in comments:
            _settle(comment)


def _lock(comment: int) -> None:
    """Let whoever else labels this comment wait, so that none settles by half of the labels."""
    YouTubeComment.objects.select_for_update().get(pk=comment)


def _settle(comment: int) -> None:
    """Give a comment the label decided last, else the one on which all agree, else none."""
    decision = Decision.objects.filter(comment=comment).order_by("-pk").first()
    values = Label.objects.filter(comment=comment, value__isnull=False)
    agreed = set(values.values_list("value", flat=True))
    value = decision.value if decision else agreed.pop() if len(agreed) == 1 else None
    row = YouTubeComment.objects.filter(pk=comment)
    if value is not None:
        row.update(sentiment=value, sentiment_source=SOURCE)
    else:  # a label that came by import is not taken away by a skip
        row.filter(sentiment_source=SOURCE).update(sentiment=None, sentiment_source="")
