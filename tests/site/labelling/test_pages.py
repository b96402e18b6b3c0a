from __future__ import annotations

import re

import pytest
from django.urls import reverse

from roomtone_site.comments.models import YouTubeComment
from roomtone_site.labelling.models import Annotator, Decision, Label, LabelSet
from roomtone_site.labelling.settling import next_item, record

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def test_a_set_is_made_and_labelled_from_the_keyboard_or_without_a_script(logged_in, user, video):
    form = {"name": "first", "mode": "uncertain", "size": 3, "seed": 1}
    answer = logged_in.post(reverse("label_sets"), form)
    made = LabelSet.objects.get()
    page = reverse("label", args=[made.pk])
    assert answer.url == page
    text = logged_in.get(page).text
    assert [f'data-key="{key}"' in text for key in "123su"] == [True] * 4 + [False]
    assert "recorded in may" in text
    item = next_item(made, user)
    assert logged_in.post(page, {"item": item.pk, "value": "1"}).url == page
    part = logged_in.post(
        page, {"item": next_item(made, user).pk, "value": "skip"}, headers=HTMX
    ).text
    assert "<html" not in part
    assert "it is on tuesday" in part or "I hate this bad film" in part
    assert "2 of 3" in part
    assert 'data-key="u"' in part
    logged_in.post(page, {"item": next_item(made, user).pk, "value": "0"})
    assert "last comment of this set" in logged_in.get(page).text
    again = logged_in.post(reverse("undo_label", args=[made.pk]), headers=HTMX).text
    assert "2 of 3" in again
    assert sorted(Label.objects.values_list("value", flat=True), key=str) == [1, None]


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"item": "1", "value": "3"}, 422),
        ({"item": "x", "value": "1"}, 422),
        ({"value": "1"}, 422),
        ({"item": "999999", "value": "1"}, 404),
        ({"item": str(2**70), "value": "1"}, 404),
    ],
)
def test_an_answer_that_is_none(logged_in, label_set, form, status):
    answer = logged_in.post(reverse("label", args=[label_set.pk]), form)
    assert answer.status_code == status
    assert not Label.objects.exists()


@pytest.mark.parametrize(
    "changes", [{"name": ""}, {"size": 0}, {"size": 10**6}, {"mode": "x"}, {"video": "7777"}]
)
def test_a_set_that_cannot_be_made(logged_in, video, changes):
    form = {"name": "first", "mode": "random", "size": 3, "seed": 1} | changes
    assert logged_in.post(reverse("label_sets"), form).status_code == 422
    assert not LabelSet.objects.exists()


def test_annotators_see_nothing_of_each_other_nor_of_the_model(
    logged_in, invited, user, other, label_set
):
    Annotator.objects.create(label_set=label_set, user=other)
    item = next_item(label_set, other)
    page = reverse("label", args=[label_set.pk])
    before = invited.get(page).text
    record(item, user, 0)
    YouTubeComment.objects.update(predicted=0)
    masked = [
        re.sub(r'value="[A-Za-z0-9]{64}"', "", text) for text in (before, invited.get(page).text)
    ]
    assert masked[0] == masked[1]


def test_others_join_by_a_link_that_can_be_closed(logged_in, invited, other, label_set):
    page = reverse("label", args=[label_set.pk])
    assert invited.get(page).status_code == 404
    logged_in.post(reverse("invite", args=[label_set.pk]))
    label_set.refresh_from_db()
    link = reverse("join", args=[label_set.invitation])
    assert f"http://testserver{link}" in logged_in.get(reverse("settle", args=[label_set.pk])).text
    assert invited.get(link).status_code == 200
    assert not Annotator.objects.exists()  # looking at it does not join
    assert invited.post(link).url == page
    invited.post(link)
    assert Annotator.objects.get().user == other
    assert invited.get(page).status_code == 200
    assert (
        invited.post(page, {"item": next_item(label_set, other).pk, "value": "2"}).status_code
        == 302
    )
    assert "a set" in invited.get(reverse("label_sets")).text
    logged_in.post(reverse("invite", args=[label_set.pk]))
    assert invited.get(link).status_code == 404
    logged_in.post(reverse("invite", args=[label_set.pk]), {"close": "1"})
    label_set.refresh_from_db()
    assert label_set.invitation == ""
    assert invited.post(reverse("join", args=["x"])).status_code == 404


@pytest.mark.parametrize("name", ["settle", "invite", "delete_set", "open_set", "remove_annotator"])
def test_an_annotator_is_no_owner(invited, other, label_set, name):
    Annotator.objects.create(label_set=label_set, user=other)
    address = reverse(name, args=[label_set.pk])
    form = {"item": "1", "value": "1", "annotator": other.pk}
    assert invited.post(address, form).status_code == 404
    assert invited.get(address).status_code == (404 if name == "settle" else 405)
    assert LabelSet.objects.exists()


def test_disputes_are_shown_without_names_and_settled(logged_in, user, other, label_set):
    item = next_item(label_set, user)
    record(item, user, 0)
    record(item, other, 2)
    page = reverse("settle", args=[label_set.pk])
    assert "Disputed" not in logged_in.get(page).text
    assert logged_in.post(page, {"item": item.pk, "value": "2"}).status_code == 404
    logged_in.post(reverse("open_set", args=[label_set.pk]))
    text = logged_in.get(page).text
    assert "Disputed comments: 1" in text
    article = text.partition('<article class="panel">')[2].partition("</article>")[0]
    assert "1 × negative, 1 × positive" in article
    assert "bob" not in article
    logged_in.post(page, {"item": item.pk, "value": "9"})
    assert not Decision.objects.exists()
    logged_in.post(page, {"item": item.pk, "value": "2"})
    assert Decision.objects.get().value == 2
    assert "Disputed comments: 0" in logged_in.get(page).text


def test_who_has_seen_what_others_said_labels_no_more(logged_in, user, other, label_set):
    label, undone = (reverse(name, args=[label_set.pk]) for name in ("label", "undo_label"))
    item = next_item(label_set, user)
    logged_in.post(label, {"item": item.pk, "value": "1"})
    logged_in.post(reverse("open_set", args=[label_set.pk]))
    following = next_item(label_set, user)
    for answer in (
        logged_in.get(label),
        logged_in.post(label, {"item": following.pk, "value": "1"}),
        logged_in.post(undone, headers=HTMX),
    ):
        assert "label no more" in answer.text
        assert "data-key" not in answer.text
    assert Label.objects.get().value == 1


def test_an_owner_removes_an_annotator_by_name(logged_in, user, other, label_set):
    Annotator.objects.create(label_set=label_set, user=other)
    record(next_item(label_set, other), other, 1)
    page, remove = (reverse(name, args=[label_set.pk]) for name in ("settle", "remove_annotator"))
    assert "bob, and what they said" in logged_in.get(page).text
    assert logged_in.post(remove, {"annotator": user.pk}).status_code == 404
    logged_in.post(remove, {"annotator": "x"})
    assert Label.objects.exists()
    logged_in.post(remove, {"annotator": other.pk})
    assert not Label.objects.exists()
    assert not Annotator.objects.exists()


@pytest.mark.parametrize("disputes", [3, 9])
def test_disputes_take_as_many_queries_however_many_they_are(
    logged_in, user, other, label_set, disputes, django_assert_max_num_queries
):
    for item in label_set.items.all()[:disputes]:
        record(item, user, 0)
        record(item, other, 2)
    logged_in.post(reverse("open_set", args=[label_set.pk]))
    with django_assert_max_num_queries(13):
        logged_in.get(reverse("settle", args=[label_set.pk]))


def test_a_page_takes_as_many_queries_for_many_comments(
    logged_in, user, label_set, django_assert_max_num_queries
):
    with django_assert_max_num_queries(8):
        logged_in.get(reverse("label", args=[label_set.pk]))
    with django_assert_max_num_queries(8):
        logged_in.get(reverse("label_sets"))


def test_labels_that_were_settled_outlive_their_set(logged_in, user, label_set):
    record(next_item(label_set, user), user, 2)
    logged_in.post(reverse("delete_set", args=[label_set.pk]))
    assert not LabelSet.objects.exists()
    assert YouTubeComment.objects.filter(sentiment=2).count() == 1
