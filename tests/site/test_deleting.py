"""Videos and accounts are deleted while others store what belongs to them."""

from __future__ import annotations

from contextlib import contextmanager
from threading import Event, Thread

import pytest
from django.contrib.auth import get_user, get_user_model
from django.db import IntegrityError, connection
from django.urls import reverse

from roomtone_site.accounts.deleting import delete
from roomtone_site.comments.incoming import Incoming
from roomtone_site.comments.models import YouTubeComment, YouTubeVideo
from roomtone_site.comments.storing import store_comments

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 3000  # so that to find what hangs on a video takes a while


@pytest.fixture
def video(user):
    made = YouTubeVideo.objects.create(owner=user, video_id="v", title="v", source="api")
    store_comments(made, [Incoming(f"{n}", f"text of a comment {n}") for n in range(MANY)])
    return made


@contextmanager
def storing(video):
    """Store comments of a video all the time, until it is gone."""
    ended, ready, told = Event(), Event(), []

    def store():
        number = 0
        try:
            while not ended.is_set():
                lot = [Incoming(f"{number}-{each}", "text") for each in range(50)]
                store_comments(video, lot)
                number += 1
                ready.set()
        except Exception as error:
            told.append(error)
        finally:
            connection.close()

    thread = Thread(target=store)
    thread.start()
    try:
        assert ready.wait(20)
        yield told
    finally:
        ended.set()
        thread.join()


def test_a_video_is_deleted_while_its_comments_are_stored(logged_in, video):
    with storing(video) as told:
        answer = logged_in.post(reverse("delete_video", args=[video.pk]), follow=True)
    assert answer.redirect_chain == [(reverse("home"), 302)]
    assert "and its comments are deleted" in answer.text
    assert not YouTubeVideo.objects.exists()
    assert not YouTubeComment.objects.exists()
    assert [type(error) for error in told] in ([], [YouTubeVideo.DoesNotExist])


def test_an_account_is_deleted_while_its_comments_are_stored(logged_in, video):
    with storing(video):
        form = {"password": "correct-horse-42"}
        answer = logged_in.post(reverse("accounts:delete"), form)
    assert answer.url == reverse("accounts:login")
    assert not get_user_model().objects.exists()
    assert not YouTubeComment.objects.exists()
    assert not get_user(logged_in).is_authenticated


def _always_something_new(monkeypatch):
    def fail(*_):
        raise IntegrityError("a row came meanwhile")

    monkeypatch.setattr("roomtone_site.accounts.deleting._lock", fail)


def test_whoever_cannot_be_deleted_stays_logged_in_and_is_told(logged_in, video, monkeypatch):
    _always_something_new(monkeypatch)
    answer = logged_in.post(reverse("accounts:delete"), {"password": "correct-horse-42"})
    assert "The account is not deleted: something of it is being changed" in answer.text
    assert get_user(logged_in).is_authenticated
    answer = logged_in.post(reverse("delete_video", args=[video.pk]), follow=True)
    assert "The video is not deleted: something of it is being changed" in answer.text
    assert YouTubeComment.objects.count() == MANY


def test_what_came_once_meanwhile_does_not_matter(user, video, monkeypatch):
    from roomtone_site.accounts import deleting

    real, failed = deleting._lock, []

    def fail_once(rows):
        if not failed:
            failed.append(1)
            raise IntegrityError
        return real(rows)

    monkeypatch.setattr(deleting, "_lock", fail_once)
    assert delete(YouTubeVideo.objects.filter(pk=video.pk), owner=user.pk) == 1
    assert not YouTubeComment.objects.exists()
    assert failed


def test_nothing_is_deleted_that_is_no_longer_to_be(user, video):
    assert delete(YouTubeVideo.objects.filter(source="sample"), owner=user.pk) == 0
    assert YouTubeVideo.objects.exists()
