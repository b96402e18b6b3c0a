"""What a visitor sees of a request that comes to nothing: a page of the site, with a way on."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db
ON = "To the videos"


def _looks_like_the_site(answer, title):
    assert f"<h1>{title}</h1>" in answer.text
    assert "pages/site" in answer.text
    assert ON in answer.text


def test_an_address_that_leads_nowhere(logged_in, user):
    for address in ("/nowhere/", reverse("video", args=[99])):
        answer = logged_in.get(address)
        assert answer.status_code == 404
        _looks_like_the_site(answer, "Nothing is here")
        assert user.username in answer.text


def test_a_form_without_its_token(user):
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    answer = client.post(reverse("sample"))
    assert answer.status_code == 403
    _looks_like_the_site(answer, "Not sent")
    assert "DEBUG" not in answer.text


def test_a_request_without_sense(client):
    answer = client.get("/", headers={"host": "elsewhere.example"})
    assert answer.status_code == 400
    _looks_like_the_site(answer, "Not understood")


def test_a_fault_of_the_site(user, monkeypatch):
    client = Client(raise_request_exception=False)
    client.force_login(user)
    monkeypatch.setattr("roomtone_site.pages.views.videos.listed_videos", lambda *_: 1 / 0)
    answer = client.get(reverse("home"))
    assert answer.status_code == 500
    _looks_like_the_site(answer, "Something went wrong")
    assert "Log in" not in answer.text, "the page cannot know who asks"


def test_a_form_that_is_too_large(logged_in):
    form = {"content_type": "application/x-www-form-urlencoded"}
    answer = logged_in.post(reverse("tokens"), "name=" + "a" * 1_000_000, **form)
    assert answer.status_code == 413
    assert "<h1>Too large</h1>" in answer.text
    assert reverse("add") in answer.text
