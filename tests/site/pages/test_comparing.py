from __future__ import annotations

import numpy as np
import pytest
from django.urls import reverse

from roomtone.stats.choosing import Predictions, compare
from roomtone.stats.homogeneity import compare_shares
from roomtone_site.analysis.models import ModelVersion, Prediction, Removal
from roomtone_site.comments.models import YouTubeComment
from roomtone_site.labelling.evidence import labelled_by
from roomtone_site.labelling.models import LabelItem, LabelSet
from roomtone_site.pages.comparing import side_by_side

pytestmark = pytest.mark.django_db


def _rows(first, second):
    theirs = dict(Prediction.objects.filter(analysis=second).values_list("comment", "label"))
    rows = Prediction.objects.filter(analysis=first).select_related("comment")
    return [(row.comment, row.label, theirs[row.comment_id]) for row in rows]


def test_two_videos_are_compared_by_their_shares_where_one_model_scored_both(analysed):
    first, second = analysed(80), analysed(120, seed=2)
    apart = side_by_side(first, second)
    assert apart.apart is None
    assert "by the same one" in apart.note
    second.engine_version = first.engine_version
    found = side_by_side(first, second)
    assert found.paired is None
    golden = compare_shares([summary.counts for summary in found.summaries])
    assert found.apart == golden


def test_two_engines_are_compared_on_the_comments_that_both_count(analysed):
    first = analysed(80)
    second = analysed(80, seed=5, again=first)
    rows = _rows(first, second)
    Removal.objects.create(analysis=first, comment=rows[0][0], reason="spam")
    Removal.objects.create(analysis=second, comment=rows[1][0], reason="spam")
    found = side_by_side(first, second).paired
    kept = rows[2:]
    assert found.count == 78
    assert found.agreement == pytest.approx(np.mean([a == b for _, a, b in kept]))
    assert np.array(found.table).sum() == 78
    for code, shift in enumerate(found.shifts):
        ours, theirs = (np.mean([row[side] == code for row in kept]) for side in (1, 2))
        assert (shift.first, shift.second) == pytest.approx((ours, theirs))
        assert shift.difference == pytest.approx(ours - theirs, abs=0.01)
    assert found.right.accuracy is None
    assert "People labelled 0" in found.right.notes[0]


def test_where_people_labelled_enough_the_test_is_that_of_the_library(analysed):
    first = analysed(200)
    second = analysed(200, seed=5, again=first)
    rows = _rows(first, second)
    for number, (comment, ours, _) in enumerate(rows[:60]):
        comment.sentiment = ours if number % 4 else (ours + 1) % 3
    YouTubeComment.objects.bulk_update([row[0] for row in rows[:60]], ["sentiment"])
    found = side_by_side(first, second).paired.right
    truth = [comment.sentiment for comment, _, _ in rows[:60]]
    predicted = {"model 1": [r[1] for r in rows[:60]], "model 5": [r[2] for r in rows[:60]]}
    (golden,) = compare(
        Predictions(truth, predicted, num_classes=3, metric="accuracy"), reference="model 5"
    )
    assert found.labelled == 60
    assert found.accuracy.to_dict() == golden.to_dict()
    assert found.accuracy.outcome == "better"
    assert found.notes == [
        "An engine that was trained elsewhere on these labels is favoured by them."
    ]


def test_an_engine_trained_here_is_judged_only_by_what_no_training_sees(analysed, user):
    first = analysed(400)
    second = analysed(400, seed=5, again=first)
    ModelVersion.objects.create(
        owner=user, name="model 1", kind="logreg", folder="x", digest="d1",
        trained_on={"labelled": 400},
    )  # fmt: skip
    comments = list(YouTubeComment.objects.filter(video=first.video))
    for number, comment in enumerate(comments):
        comment.text, comment.sentiment = f"{comment.text} {number % 300}", number % 3
    YouTubeComment.objects.bulk_update(comments, ["text", "sentiment"])
    evidence = labelled_by(user)
    held_out = int(evidence.test()[0].sum())
    assert 60 < held_out < len(evidence.texts) <= 400
    # Right on all that it was trained on, and wrong on all that is held out.
    unseen = {text for text, row in zip(evidence.texts, evidence.test()[0], strict=True) if row}
    for row in Prediction.objects.filter(analysis=first).select_related("comment"):
        row.label = (row.comment.sentiment + (row.comment.text in unseen)) % 3
        row.save()
    right = side_by_side(first, second).paired.right
    assert (right.labelled, right.judging) == (400, held_out)
    assert right.accuracy.outcome == "worse"
    assert right.accuracy.model == "model 1"
    assert right.notes == []
    chosen = LabelSet.objects.create(owner=user, name="unsure", mode="uncertain")
    LabelItem.objects.bulk_create(
        LabelItem(label_set=chosen, comment=comment, position=at)
        for at, comment in enumerate(comments)
    )
    assert "was unsure" in side_by_side(first, second).paired.right.notes[0]
    YouTubeComment.objects.filter(pk__in=[row.pk for row in comments[20:]]).update(sentiment=None)
    few = side_by_side(first, second).paired.right
    assert (few.labelled, few.accuracy) == (20, None)
    assert "no model trained here has seen them" in few.notes[0]


def test_the_same_engine_twice_is_told_apart_and_never_differs(analysed):
    first = analysed(40)
    YouTubeComment.objects.filter(video=first.video).update(sentiment=2)
    second = analysed(40, seed=3, again=first)
    Prediction.objects.filter(analysis=second).delete()
    for row in Prediction.objects.filter(analysis=first):
        row.pk, row.analysis = None, second
        row.save()
    second.engine = first.engine
    found = side_by_side(first, second).paired
    assert found.agreement == 1
    assert found.right.accuracy is None
    assert "nothing to test" in found.right.notes[0]
    assert all(shift.p_value is None for shift in found.shifts)


@pytest.mark.parametrize("query", ["", "?a={0}&b={1}", "?a={0}&b={2}", "?a={0}&b={0}"])
def test_the_page_shows_each_kind(analysed, logged_in, query):
    first = analysed(50)
    second, third = analysed(50, seed=2), analysed(50, seed=3, again=first)
    address = reverse("compare") + query.format(first.pk, second.pk, third.pk)
    assert logged_in.get(address).status_code == 200


def test_analyses_without_a_common_comment_are_said_to_have_none(analysed, logged_in):
    first = analysed(20)
    second = analysed(20, seed=3, again=first)
    Prediction.objects.filter(analysis=second).delete()
    assert side_by_side(first, second).note == "the two analyses have no comment in common"
