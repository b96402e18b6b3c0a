from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roomtone.errors import DataError
from roomtone_site.analysis.again import change_filters, keep_comment
from roomtone_site.analysis.duplicates import DuplicateFinder, Post
from roomtone_site.analysis.models import Analysis, Prediction, Removal, State
from roomtone_site.analysis.running import run
from roomtone_site.analysis.starting import start_analysis
from roomtone_site.analysis.summary import summary_of
from roomtone_site.analysis.versions import load_version
from roomtone_site.comments.models import YouTubeComment, YouTubeVideo

LONG = "this film is far longer than it had to be, and I would watch it again"
FRENCH = "Cette chanson me rappelle toujours les vacances de mon enfance à la campagne"


def _repeats(texts, authors=None, lots=None):
    authors = authors or [f"author {n}" for n in range(len(texts))]
    posts = [
        Post(n, text, author) for n, (text, author) in enumerate(zip(texts, authors, strict=True))
    ]
    finder, size = DuplicateFinder(), lots or len(posts) or 1
    return dict(
        found
        for start in range(0, len(posts), size)
        for found in finder.repeats(posts[start : start + size])
    )


@pytest.mark.parametrize("lots", [1, 2, 5])
def test_copies_and_near_copies_of_long_texts_are_found_in_any_lots(lots):
    near = LONG.replace("again", "againnn")
    found = _repeats(
        [LONG, "lol", LONG.upper() + "!!", near, "something else entirely here"], None, lots
    )
    assert set(found) == {2, 3}
    assert found[2] == "the same text as an earlier comment"
    assert "alike with an earlier comment" in found[3]


def test_what_many_write_by_themselves_is_no_copy():
    assert _repeats(["lol", "first!", "lol", "❤️❤️", "❤️❤️", "First"]) == {}


def test_the_same_author_may_say_it_once():
    found = _repeats(["lol", "lol", "Lol!", "lol"], ["ana", "bob", "ana", ""])
    assert found == {2: "its author wrote the same before"}


@given(st.lists(st.text(max_size=40), max_size=12), st.integers(1, 12))
def test_the_first_of_all_stays_and_lots_make_no_difference(texts, lots):
    found = _repeats(texts, None, lots)
    assert 0 not in found
    assert found == _repeats(texts, None, 1)


@pytest.fixture
def video(user):
    return YouTubeVideo.objects.create(owner=user, video_id="x", title="x", source="import")


@pytest.fixture
def comments(video):
    """One comment for each filter, and some that none leaves out."""
    texts = {
        "spam": "Earn $500 a day with bitcoin https://x.example/r, it changed all for me",
        "first": LONG,
        "copy": LONG + "!!",
        "french": FRENCH,
        "short": "ok",
        **{f"plain {n}": f"I think number {n} of these songs was played {n} times" for n in "135"},
    }
    for name, text in texts.items():
        YouTubeComment.objects.create(video=video, comment_id=name, text=text)


def _removed():
    rows = Removal.objects.values_list("comment__comment_id", "reason")
    return {(name, str(reason)) for name, reason in rows}


@pytest.mark.django_db
def test_each_filter_names_what_it_leaves_out_and_all_is_scored(user, video, comments, version):
    options = {"languages": ["en"], "min_length": 3, "unknown": False}
    analysis = start_analysis(user, video, options=options)
    assert run(analysis.pk) == "done"
    assert _removed() == {
        ("spam", "spam"), ("copy", "duplicate"), ("french", "language"), ("short", "length"),
    }  # fmt: skip
    assert dict(Removal.objects.values_list("reason", "detail")) == {
        "spam": "promises gains behind a link",
        "duplicate": "the same text as an earlier comment",
        "language": "fr",
        "length": "2 characters",
    }
    assert Prediction.objects.count() == YouTubeComment.objects.count() == 8


@pytest.mark.django_db
def test_what_the_model_knows_nothing_of_is_scored_and_not_counted(user, video, comments, version):
    foreign = YouTubeComment.objects.create(video=video, comment_id="foreign", text="素晴らしい")
    analysis = start_analysis(user, video)
    run(analysis.pk)
    unknown = {name for name, reason in _removed() if reason == "unknown"}
    assert unknown == {"foreign", "french", "short"}
    said = Prediction.objects.get(comment=foreign)
    prior = load_version(version).prior
    assert not said.known
    assert [said.p_negative, said.p_neutral, said.p_positive] == pytest.approx(prior.tolist())
    analysis.refresh_from_db()
    assert summary_of(analysis).removed["unknown"] == 3
    change_filters(analysis, {"unknown": False})
    run(analysis.pk)
    assert _removed() == {("spam", "spam"), ("copy", "duplicate")}


@pytest.mark.django_db
def test_filters_can_be_taken_back_and_changed_without_scoring_again(
    user, video, comments, version
):
    analysis = start_analysis(user, video, options={"unknown": False})
    run(analysis.pk)
    assert _removed() == {("spam", "spam"), ("copy", "duplicate")}
    made = set(Prediction.objects.values_list("pk", flat=True))
    change_filters(analysis, {"spam": False, "max_length": 60})
    assert Analysis.objects.get().state == State.SCORING
    run(analysis.pk)
    assert {reason for _, reason in _removed()} == {"duplicate", "length"}
    change_filters(analysis, {"duplicates": False, "max_length": None})
    run(analysis.pk)
    assert _removed() == set()
    assert set(Prediction.objects.values_list("pk", flat=True)) == made
    assert YouTubeComment.objects.count() == 8, "a filter deletes no comment"


@pytest.mark.django_db
def test_one_comment_can_be_let_in_for_good(user, video, comments, version):
    analysis = start_analysis(user, video, options={"unknown": False})
    run(analysis.pk)
    spam = YouTubeComment.objects.get(comment_id="spam")
    keep_comment(analysis, spam.pk)
    assert _removed() == {("copy", "duplicate")}
    change_filters(analysis, {"min_length": 3})
    run(analysis.pk)
    assert _removed() == {("copy", "duplicate"), ("short", "length")}
    with pytest.raises(DataError, match="no filter of this analysis left that comment out"):
        keep_comment(analysis, spam.pk)


@pytest.mark.django_db
def test_only_filters_of_what_is_done_can_be_changed(user, video, version):
    analysis = start_analysis(user, video)
    with pytest.raises(DataError, match="this analysis is queued"):
        change_filters(analysis, {"spam": False})
    with pytest.raises(DataError, match="limit: no filter"):
        change_filters(analysis, {"limit": 3})


@pytest.mark.django_db
def test_of_copies_the_one_that_was_there_first_stays(user, video, version):
    for number, year in enumerate((2024, 2022, 2023)):
        YouTubeComment.objects.create(
            video=video,
            comment_id=str(year),
            text=LONG,
            published=f"{year}-01-0{number + 1}T00:00Z",
        )
    YouTubeComment.objects.create(video=video, comment_id="undated", text=LONG)
    run(start_analysis(user, video).pk)
    assert {name for name, _ in _removed()} == {"2023", "2024", "undated"}


def test_memory_of_the_finder_holds_few_texts(monkeypatch):
    monkeypatch.setattr("roomtone_site.analysis.duplicates.WINDOW", 50)
    random.seed(3)
    finder = DuplicateFinder()
    words = [f"word{n}" for n in range(500)]
    for start in range(0, 400, 50):
        posts = [Post(start + n, " ".join(random.choices(words, k=9)), "") for n in range(50)]
        assert list(finder.repeats(posts)) == []
    assert len(finder._recent) == 50
    assert len(finder._texts) == 400
