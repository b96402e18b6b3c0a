from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roomtone.sources.answers import FEW_UNREADABLE, read_replies, read_threads, read_video
from roomtone.sources.failures import BrokenAnswerError

ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def _item(**snippet):
    return {"id": "c1", "snippet": {"textDisplay": "fine", **snippet}}


def _thread(item=None, **more):
    return {"id": "c1", "snippet": {"topLevelComment": item or _item(), **more}}


def _only(answer):
    (comment,) = read_replies(answer, "p").comments
    return comment


def _video(**statistics):
    return {"items": [{"id": "v", "snippet": {"title": "A"}, "statistics": statistics}]}


def test_what_is_null_counts_as_not_sent():
    keys = ("textDisplay", "authorDisplayName", "authorChannelId", "likeCount", "publishedAt")
    comment = _only({"items": [_item(**dict.fromkeys(keys), parentId=None)], "nextPageToken": None})
    assert (comment.text, comment.author, comment.author_id) == ("", "", "")
    assert (comment.likes, comment.published, comment.parent_id) == (0, None, "p")
    empty = {"items": [{"id": "v", "snippet": {"title": None}, "statistics": None}]}
    video = read_video(empty)
    assert (video.title, video.comments) == ("", None)
    assert read_threads({"items": None}).comments == ()


def test_texts_can_be_stored():
    texts = json.loads(r'["a\u0000b", "hi \ud83d there"]')
    item = _item(textDisplay=texts[1], authorDisplayName=texts[0]) | {"id": texts[0]}
    comment = _only({"items": [item]})
    assert (comment.comment_id, comment.author) == ("ab", "ab")
    assert comment.text == "hi \ufffd there"
    page = read_threads({"items": [], "nextPageToken": texts[1]})
    assert page.next_token.encode()


@pytest.mark.parametrize(
    ("sent", "count"), [("12", 12), (12, 12), ("-5", None), (-5, None), ("many", None), ([], None)]
)
def test_counts_are_whole_numbers_or_unknown(sent, count):
    assert read_video(_video(commentCount=sent)).comments == count
    assert _only({"items": [_item(likeCount=sent)]}).likes == (count or 0)


def test_times_have_a_zone_or_are_unknown():
    naive, none = (
        _only({"items": [_item(publishedAt=sent)]}).published
        for sent in ("2024-01-01T00:00:00", "a while ago")
    )
    assert (naive, none) == (datetime(2024, 1, 1, tzinfo=UTC), None)


def test_what_cannot_be_read_is_passed_over_and_counted():
    replies = {"comments": [_item() | {"id": "r1"}, {"id": "r2"}, _item(textDisplay=3)]}
    items = [_thread(), {"id": "x"}, None, _thread() | {"replies": replies}]
    page = read_threads({"items": items})
    assert [comment.comment_id for comment in page.comments] == ["c1", "c1", "r1"]
    assert page.unreadable == 4
    page = read_replies({"items": [{"id": ""}, _item()]}, "p")
    assert (len(page.comments), page.unreadable) == (1, 1)


@pytest.mark.parametrize("read", [read_threads, lambda answer: read_replies(answer, "p")])
def test_an_answer_of_which_nothing_can_be_read_is_broken(read):
    assert read({"items": [{}] * FEW_UNREADABLE}).unreadable == FEW_UNREADABLE
    with pytest.raises(BrokenAnswerError, match=r"another form than documented: items\.0\.id"):
        read({"items": [{}] * (FEW_UNREADABLE + 1)})
    with pytest.raises(BrokenAnswerError, match="the whole answer"):
        read([1])


@given(st.sampled_from(["id", "textDisplay", "authorChannelId", "likeCount", "publishedAt"]), ODD)
def test_one_odd_value_never_costs_the_other_comments(name, value):
    odd = _item() | {"id": value} if name == "id" else _item(**{name: value})
    page = read_threads({"items": [_thread(odd), _thread()]})
    assert len(page.comments) + page.unreadable == 2
    assert page.comments[-1].text == "fine"
    for comment in page.comments:
        f"{comment.comment_id}{comment.text}{comment.author_id}".encode()
        assert comment.likes >= 0
