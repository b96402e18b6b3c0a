from __future__ import annotations

import pytest
from django.db.models import OuterRef

from roomtone_site.comments.models import YouTubeComment
from roomtone_site.labelling.agreeing import agreement_of, progress
from roomtone_site.labelling.blindness import may_label, open_set, still_to_label
from roomtone_site.labelling.models import Annotator, Label
from roomtone_site.labelling.settling import (
    decide,
    disputed,
    next_item,
    opinions,
    record,
    remove_annotator,
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
    assert list(disputed(label_set)) == [item]
    untouched = next_item(label_set, user)
    assert opinions([untouched, item]) == [[], [("negative", 1), ("positive", 1)]]
    decide(item, user, 1)
    assert settled(item) == (1, "label set")
    assert not disputed(label_set).exists()
    undo(label_set, other)
    assert settled(item) == (1, "label set")
    decide(item, user, 2)
    assert settled(item) == (2, "label set")


def test_whoever_is_removed_takes_along_what_they_said(user, other, label_set):
    Annotator.objects.create(label_set=label_set, user=other)
    first, second = label_set.items.order_by("position")[:2]
    record(first, user, 0)
    record(first, other, 2)
    record(second, other, 1)
    assert (settled(first), settled(second)) == ((None, ""), (1, "label set"))
    remove_annotator(label_set, other)
    assert (settled(first), settled(second)) == ((0, "label set"), (None, ""))
    assert [(row.name, row.labelled) for row in progress(label_set)] == [("ana", 1)]


def test_an_answer_given_anew_is_the_newest(user, label_set):
    first = next_item(label_set, user)
    record(first, user, 2)
    record(next_item(label_set, user), user, 1)
    record(first, user, 0)
    undo(label_set, user)
    assert next_item(label_set, user) == first


def test_what_others_said_is_hidden_from_an_owner_who_may_still_label(user, other, label_set):
    def hidden():
        rows = YouTubeComment.objects.annotate(hidden=still_to_label(user, OuterRef("pk")))
        return set(rows.filter(hidden=True).values_list("pk", flat=True))

    items = list(label_set.items.order_by("position")[:3])
    items[2].comment.sentiment, items[2].comment.sentiment_source = 1, "import"
    items[2].comment.save()
    for item in items[:2]:
        record(item, other, 0)
    assert hidden() == {item.comment_id for item in items[:2]}
    record(items[0], user, 1)
    assert hidden() == {items[1].comment_id}
    open_set(label_set)
    assert hidden() == set()
    label_set.refresh_from_db()
    assert not may_label(label_set, user)
    assert may_label(label_set, other)


def test_an_imported_label_survives_a_skip_and_its_undoing(user, label_set):
    item = next_item(label_set, user)
    row = YouTubeComment.objects.filter(pk=item.comment_id)
    row.update(sentiment=2, sentiment_source="import")
    record(item, user, None)
    undo(label_set, user)
    assert settled(item) == (2, "import")


def test_agreement_is_that_of_the_labels(user, other, django_user_model, label_set):
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
    Annotator.objects.create(label_set=label_set, user=django_user_model.objects.create_user("cy"))
    found = [(row.name, row.labelled, row.skipped) for row in progress(label_set)]
    assert found == [("ana", 6, 1), ("bob", 6, 0), ("cy", 0, 0)]
