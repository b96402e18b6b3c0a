from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import override_settings

from roomtone_site.comments.incoming import Incoming
from roomtone_site.comments.models import YouTubeComment, YouTubeVideo
from roomtone_site.comments.pseudonyms import LENGTH, pseudonym
from roomtone_site.comments.storing import Stored, connect_replies, store_comments

pytestmark = pytest.mark.django_db


@pytest.fixture
def video(user):
    return YouTubeVideo.objects.create(owner=user, video_id="abc", title="A song", source="import")


def test_storing_twice_changes_nothing(video):
    rows = [Incoming(str(n), f"text {n}", author="Ana", likes=n) for n in range(5)]
    assert store_comments(video, rows) == Stored(new=5)
    assert store_comments(video, rows) == Stored(same=5)
    assert video.comments.count() == 5


def test_what_has_changed_is_brought_up_to_date(video):
    when = datetime(2026, 1, 2, tzinfo=UTC)
    store_comments(video, [Incoming("1", "old"), Incoming("2", "same")])
    YouTubeComment.objects.filter(video=video).update(
        predicted=2, p_negative=0.1, p_neutral=0.1, p_positive=0.8, engine="logreg"
    )
    rows = [Incoming("1", "new", published=when), Incoming("2", "same", likes=3)]
    assert store_comments(video, rows) == Stored(changed=2)
    first, second = video.comments.order_by("comment_id")
    assert (first.text, first.published, first.predicted, first.engine) == ("new", when, None, "")
    assert (first.p_negative, first.confidence) == (None, None)
    assert (second.likes, second.predicted, second.engine) == (3, 2, "logreg")


def test_an_imported_label_gives_way_to_a_newer_one_and_a_persons_stays(video):
    store_comments(video, [Incoming("1", "a", sentiment=0), Incoming("2", "b")])
    video.comments.filter(comment_id="2").update(sentiment=1, sentiment_source="label set")
    store_comments(video, [Incoming("1", "a", sentiment=2), Incoming("2", "b", sentiment=2)])
    store_comments(video, [Incoming("1", "a")])
    assert list(video.comments.values_list("sentiment", "sentiment_source")) == [
        (2, "import"),
        (1, "label set"),
    ]


def test_replies_find_their_thread_in_any_order(video):
    store_comments(video, [Incoming("r1", "reply", parent_id="c"), Incoming("c", "comment")])
    store_comments(video, [Incoming("r2", "reply", parent_id="late"), Incoming("x", "no parent")])
    store_comments(video, [Incoming("late", "comment", parent_id="late")])
    connect_replies(video, [("r2", "late"), ("x", "gone"), ("gone", "c")])
    threads = dict(video.comments.values_list("comment_id", "parent__comment_id"))
    assert threads == {"r1": "c", "c": None, "r2": "late", "x": None, "late": None}


def test_circles_do_no_harm(video):
    circle = [Incoming("a", "x", parent_id="b"), Incoming("b", "y", parent_id="a")]
    rows = [*circle, Incoming("c", "z", parent_id="c"), Incoming("d", "w", parent_id="b")]
    assert store_comments(video, rows) == Stored(new=4)
    assert store_comments(video, rows) == Stored(same=4)
    threads = dict(video.comments.values_list("comment_id", "parent__comment_id"))
    assert threads == {"a": None, "b": "a", "c": None, "d": "b"}


def test_many_rows_take_few_queries(video, django_assert_max_num_queries):
    with django_assert_max_num_queries(15):
        store_comments(video, [Incoming(str(n), "text") for n in range(400)])


def test_another_video_has_comments_of_the_same_id(video, other):
    store_comments(video, [Incoming("1", "a")])
    second = YouTubeVideo.objects.create(owner=other, video_id="abc", title="", source="import")
    assert store_comments(second, [Incoming("1", "b")]) == Stored(new=1)
    assert video.comments.get().text == "a"


def test_null_characters_which_postgresql_refuses_are_dropped(video):
    store_comments(video, [Incoming("1", "a\0b")])
    assert video.comments.get().text == "ab"


def test_names_are_not_stored_and_pseudonyms_depend_on_the_key(video):
    store_comments(video, [Incoming("1", "a", author="Ana Example")])
    stored = video.comments.get().author
    assert stored == pseudonym("Ana Example") != pseudonym("ana example")
    assert len(stored) == LENGTH
    assert "ana" not in stored.lower()
    assert pseudonym("") == ""
    with override_settings(SECRET_KEY="another" * 10):
        assert pseudonym("Ana Example") != stored


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (Incoming("", "a"), "the id has 0 characters"),
        (Incoming("1", " \n"), "empty text"),
        (Incoming("1", "a" * 100_001), "100,001 characters"),
        (Incoming("1", "a", likes=-1), "likes: -1"),
        (Incoming("1", "a", likes=2**31), "likes: 2147483648"),
        (Incoming("1", "a"), ""),
    ],
)
def test_what_cannot_be_stored_is_told(row, problem):
    assert row.problem().startswith(problem) or problem in row.problem()
    assert bool(row.problem()) == bool(problem)
