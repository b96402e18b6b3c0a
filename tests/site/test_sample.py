from __future__ import annotations

import csv
from collections import Counter

import pytest
from django.core.management import CommandError, call_command

from roomtone.data.corpora.vader import VADER
from roomtone.data.fetch import cache_folder
from roomtone_site.comments.incoming import Incoming
from roomtone_site.comments.models import YouTubeVideo
from roomtone_site.comments.sample import load_sample
from roomtone_site.comments.storing import store_comments

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def site_folder(tmp_path, monkeypatch, settings):
    """A site that has neither the corpus nor a way to get it."""
    monkeypatch.setenv("ROOMTONE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", "")
    settings.SITE_FOLDER = tmp_path / "site"
    return settings.SITE_FOLDER


def write_corpus(site_folder, rows=30):
    (site_folder / "corpus").mkdir(parents=True)
    with (site_folder / "corpus/test.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "label", "source", "mean_rating"])
        for number in range(rows):
            writer.writerow([f"text {number}", "positive", ("tweets", "movies")[number % 2], 1.0])


def test_without_the_corpus_it_is_invented_and_says_so(user, capsys):
    call_command("load_sample")
    out, err = capsys.readouterr()
    assert "66 comments below 'Sample: invented comments' for ana" in out
    assert "roomtone corpus vader" in err
    video = YouTubeVideo.objects.get()
    assert (video.source, video.owner, video.comment_count) == ("sample", user, 66)
    labels = Counter(video.comments.values_list("sentiment", flat=True))
    assert set(labels) == {None, 0, 1, 2}
    assert min(labels.values()) >= 8
    assert set(video.comments.values_list("sentiment_source", flat=True)) == {"", "sample"}


def test_every_page_has_something_to_show(user):
    video = load_sample(user).video
    comments = list(video.comments.all())
    assert all(comment.published and comment.author for comment in comments)
    assert sum(comment.parent_id is not None for comment in comments) > 10
    assert any(comment.likes > 5 for comment in comments)
    assert len({comment.published.date() for comment in comments}) > 7
    assert len({comment.author for comment in comments}) > 20


def test_loading_it_again_changes_nothing(user, other):
    video = load_sample(user).video
    before = list(video.comments.values())
    assert load_sample(user).video == video
    assert list(video.comments.values()) == before
    assert load_sample(other).video != video


def test_a_label_that_a_person_gave_stays(user):
    video = load_sample(user).video
    video.comments.update(sentiment=1, sentiment_source="label set")
    load_sample(user)
    assert not video.comments.exclude(sentiment=1).exists()


def test_with_the_corpus_it_is_tweets_of_the_test_rows(user, site_folder):
    load_sample(user)
    write_corpus(site_folder)
    sample = load_sample(user)
    assert (sample.invented, sample.comments) == (False, 15)
    texts = set(sample.video.comments.values_list("text", flat=True))
    assert texts == {f"text {number}" for number in range(0, 30, 2)}


def test_an_archive_of_another_content_is_not_taken_for_the_corpus(user, tmp_path):
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / VADER.archive).write_bytes(b"no archive")
    assert load_sample(user).invented


def test_from_the_real_archive(user, monkeypatch):
    monkeypatch.delenv("ROOMTONE_CACHE")
    if not (cache_folder() / VADER.archive).is_file():
        pytest.skip("the demo's corpus was not downloaded on this machine")
    sample = load_sample(user)
    assert (sample.invented, sample.comments) == (False, 600)


def test_a_video_of_the_users_own_is_left_alone(user):
    own = YouTubeVideo.objects.create(owner=user, video_id="sample", title="x", source="import")
    store_comments(own, [Incoming("1", "lovely", sentiment=2)])
    sample = load_sample(user).video
    assert sample.pk != own.pk
    assert load_sample(user).video == sample
    own.refresh_from_db()
    assert (own.source, own.title, own.comments.get().text) == ("import", "x", "lovely")


@pytest.mark.parametrize("most", [1, 2, 10])
def test_a_sample_of_any_size(user, most):
    assert load_sample(user, most=most).comments == most


@pytest.mark.parametrize("most", ["0", "-5"])
def test_a_sample_of_no_size(user, most):
    with pytest.raises(CommandError, match="expected 1 or more"):
        call_command("load_sample", "--most", most)
