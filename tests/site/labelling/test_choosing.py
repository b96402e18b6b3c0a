from __future__ import annotations

import pytest

from roomtone.errors import DataError
from roomtone_site.analysis.models import Analysis, Removal
from roomtone_site.comments.incoming import Incoming
from roomtone_site.comments.models import YouTubeComment, YouTubeVideo
from roomtone_site.comments.storing import store_comments
from roomtone_site.labelling.choosing import make_set
from roomtone_site.labelling.evidence import labelled_by
from roomtone_site.labelling.models import LabelSet
from roomtone_site.labelling.settling import record

pytestmark = pytest.mark.django_db


def ids(label_set):
    return [item.comment.comment_id for item in label_set.items.select_related("comment")]


def test_the_least_sure_come_first(user, video):
    assert ids(make_set(user, "s", mode="uncertain", size=3)) == ["8", "7", "6"]


def test_a_random_sample_is_decided_by_its_seed(user, video):
    def drawn(seed):
        made = make_set(user, "s", mode="random", size=5, seed=seed)
        found = ids(made)
        made.delete()
        return found

    assert drawn(1) == drawn(1)
    assert len({tuple(drawn(seed)) for seed in range(6)}) > 1
    assert len(set(drawn(2))) == 5


def test_what_is_labelled_taken_or_spam_or_said_twice_is_left_out(user, video):
    video.comments.filter(comment_id="0").update(sentiment=1, sentiment_source="import")
    make_set(user, "first", mode="uncertain", size=1)
    spam = video.comments.get(comment_id="1")
    analysis = Analysis.objects.create(owner=user, video=video, engine="small")
    Removal.objects.create(analysis=analysis, comment=spam, reason="spam")
    store_comments(video, [Incoming("again", "It is  on TUESDAY")])
    found = ids(make_set(user, "second", mode="random"))
    assert sorted(found) in ([*"2345678"], [*"234578", "again"])


def test_a_random_sample_holds_what_a_model_was_unsure_of_and_asks_nobody_twice(user, video):
    unsure = make_set(user, "unsure", mode="uncertain", size=4)
    for item in unsure.items.all()[:2]:
        record(item, user, 2)
    made = make_set(user, "fair", mode="random", size=9)
    assert sorted(ids(made)) == [*"012345678"]
    assert made.labels.filter(annotator=user, value=2).count() == 2
    assert not labelled_by(user).by_model.any()
    with pytest.raises(DataError, match="no comment left for such a set"):
        make_set(user, "again", mode="random")


def test_a_set_is_of_ones_own_videos_or_of_one(user, other, video):
    theirs = YouTubeVideo.objects.create(owner=other, video_id="x", title="", source="import")
    store_comments(theirs, [Incoming("t", "their comment")])
    mine = YouTubeVideo.objects.create(owner=user, video_id="y", title="", source="import")
    store_comments(mine, [Incoming("m", "my comment")])
    assert ids(make_set(user, "s", mode="random", video=mine)) == ["m"]
    assert sorted(ids(make_set(user, "s", mode="random"))) == [*"012345678"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"name": " "}, "the name has 0"),
        ({"size": 0}, "1 to 2,000 comments, asked for 0"),
        ({"size": 2001}, "asked for 2,001"),
        ({"mode": "best"}, "unknown way to choose 'best'"),
    ],
)
def test_a_mistake_is_a_clear_error(user, video, changes, told):
    with pytest.raises(DataError, match=told):
        make_set(user, **{"name": "s", "mode": "random", "size": 3} | changes)
    assert not LabelSet.objects.exists()


def test_without_scores_or_comments_the_error_says_what_to_do(user, video):
    YouTubeComment.objects.update(p_positive=None, p_neutral=None, p_negative=None)
    with pytest.raises(DataError, match="analyse a video first"):
        make_set(user, "s", mode="uncertain")
    YouTubeComment.objects.update(sentiment=1)
    with pytest.raises(DataError, match="no comment left"):
        make_set(user, "s", mode="uncertain")


def test_choosing_among_many_takes_few_queries(user, video, django_assert_max_num_queries):
    store_comments(video, [Incoming(f"n{n}", f"text {n}") for n in range(1500)])
    with django_assert_max_num_queries(12):
        assert make_set(user, "s", mode="random", size=1000).items.count() == 1000
