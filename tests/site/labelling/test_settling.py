from __future__ import annotations

import pytest

from roomtone_site.comments.models import YouTubeComment
from roomtone_site.labelling.agreeing import agreement_of, progress
from roomtone_site.labelling.models import Label
from roomtone_site.labelling.settling import (
    decide,
    disputed,
    next_item,
    opinions,
    record,
    undo,
)

pytestmark = pytest.mark.django_db


def settled(item):
    comment = YouTubeComment.objects.get(pk=item.comment_id)
    return comment.sentiment, comment.sentiment_source


def test_comments_come_in_order_until_none_is_left(user, label_set):
    seen = []
    while item := next_item(label_set, user):
        seen.append(item.position)
        record(item, user, None if item.position == 3 else 1)
    assert seen == list(range(9))


def test_undo_takes_back_the_newest_answer_and_asks_again(user, label_set):
    first = next_item(label_set, user)
    record(first, user, 2)
    record(next_item(label_set, user), user, None)
    assert settled(first) == (2, "label set")
    assert undo(label_set, user)
    assert next_item(label_set, user).position == 1
    assert undo(label_set, user)
    assert next_item(label_set, user) == first
    assert settled(first) == (None, "")
    assert not undo(label_set, user)


def test_undo_takes_back_ones_own_alone(user, other, label_set):
    item = next_item(label_set, user)
    record(item, user, 2)
    record(item, other, 2)
    assert undo(label_set, user)
    assert list(Label.objects.values_list("annotator", flat=True)) == [other.pk]
    assert settled(item) == (2, "label set")


def test_a_label_counts_while_nobody_disagrees(user, other, label_set):
    item = next_item(label_set, user)
    record(item, user, 0)
    record(item, other, None)
    assert settled(item) == (0, "label set")
    record(item, other, 2)
    assert settled(item) == (None, "")
    record(item, other, 0)  # a second answer replaces the first
    assert settled(item) == (0, "label set")
    assert Label.objects.count() == 2


def test_a_decision_settles_what_is_disputed(user, other, label_set):
    item = next_item(label_set, user)
    record(item, user, 0)
    record(item, other, 2)
    assert list(disputed(label_set, user)) == [item]
    assert opinions(item) == [("negative", 1), ("positive", 1)]
    decide(item, user, 1)
    assert settled(item) == (1, "label set")
    assert not disputed(label_set, user).exists()
    undo(label_set, other)
    assert settled(item) == (1, "label set")
    decide(item, user, 2)
    assert settled(item) == (2, "label set")


def test_disputes_on_comments_that_are_still_to_come_are_kept_from_an_annotator(
    user, other, django_user_model, label_set
):
    third = django_user_model.objects.create_user("cy")
    items = list(label_set.items.order_by("position")[:2])
    for item in items:
        record(item, other, 0)
        record(item, third, 2)
    assert list(disputed(label_set, user)) == items
    record(items[0], user, 1)
    assert list(disputed(label_set, user)) == items[:1]


def test_an_imported_label_survives_a_skip_and_its_undoing(user, label_set):
    item = next_item(label_set, user)
    row = YouTubeComment.objects.filter(pk=item.comment_id)
    row.update(sentiment=2, sentiment_source="import")
    record(item, user, None)
    undo(label_set, user)
    assert settled(item) == (2, "import")


def test_agreement_is_that_of_the_labels(user, other, label_set):
    assert agreement_of(label_set) is None
    items = list(label_set.items.order_by("position"))
    for n, item in enumerate(items[:6]):
        record(item, user, n % 3)
        record(item, other, n % 3 if n else 2)
    record(items[6], user, None)
    found = agreement_of(label_set, resamples=50)
    assert (found.items, found.labels) == (6, 12)
    (pair,) = found.pairs
    assert (pair.first, pair.second, pair.agreed) == ("ana", "bob", 5 / 6)
    assert 0.5 < found.alpha < 1
    assert progress(label_set) == [("ana", 6, 1), ("bob", 6, 0)]
