from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from roomtone_site.analysis.models import Analysis
from roomtone_site.analysis.running import run
from roomtone_site.comments.models import YouTubeVideo

ROWS = "text,likes,label\nI love it,3,positive\nAwful noise,1,negative\n,2,neutral\n"


def _sent(client, name, content, **values):
    upload = SimpleUploadedFile(name, content.encode())
    return client.post(reverse("add_file"), {"file": upload, **values}, follow=True)


@pytest.mark.django_db
def test_a_file_becomes_a_video_and_tells_which_rows_it_left_out(logged_in, user):
    answer = _sent(logged_in, "my comments.csv", ROWS, title="Mine")
    video = YouTubeVideo.objects.get(owner=user)
    assert (video.title, video.comments.count()) == ("Mine", 2)
    told = [str(message) for message in answer.context["messages"]]
    assert told[0].startswith("3 rows read: 2 new comments")
    assert told[1].startswith("1 rows were left out: line 4")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name", ["../../etc/x.csv", "..csv", "a\\b.csv", "é" * 200 + ".csv", ".csv"]
)
def test_the_name_of_a_file_leads_nowhere(logged_in, user, name):
    _sent(logged_in, name, ROWS, title="t")
    (video,) = YouTubeVideo.objects.filter(owner=user)
    assert "/" not in video.video_id


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "content"), [("a.csv", "x,y\n1,2\n"), ("a.exe", "MZ"), ("a.csv", "")]
)
def test_a_file_without_comments_is_refused_by_its_own_name(logged_in, name, content):
    answer = _sent(logged_in, name, content)
    assert answer.status_code == 400
    assert b"roomtone-upload" not in answer.content
    assert b"errorlist" in answer.content


@pytest.mark.django_db
def test_without_a_key_the_page_says_how_to_get_one(logged_in, settings):
    settings.YOUTUBE_API_KEY = ""
    page = logged_in.get(reverse("add")).content
    assert b"YouTube Data API v3" in page
    assert b'name="link"' not in page
    settings.YOUTUBE_API_KEY = "k"
    assert b'name="link"' in logged_in.get(reverse("add")).content


@pytest.mark.django_db
def test_a_link_starts_an_analysis(logged_in, settings, version):
    settings.YOUTUBE_API_KEY = "k"
    address = reverse("add_link")
    wrong = logged_in.post(address, {"link": "https://example.org/x", "order": "time"})
    assert wrong.status_code == 400
    assert b"leads to no video on YouTube" in wrong.content
    link = "https://youtu.be/dQw4w9WgXcQ"
    logged_in.post(address, {"link": link, "order": "relevance", "limit": 500, "replies": "on"})
    analysis = Analysis.objects.get()
    assert analysis.video.video_id == "dQw4w9WgXcQ"
    assert {k: analysis.options[k] for k in ("fetch", "order", "limit", "replies")} == {
        "fetch": True, "order": "relevance", "limit": 500, "replies": True,
    }  # fmt: skip


@pytest.mark.django_db
def test_a_model_of_another_account_cannot_be_chosen(logged_in, analysed, version, other):
    version.owner = other
    version.save()
    video = analysed().video
    answer = logged_in.post(reverse("analyse", args=[video.pk]), {"model": version.pk})
    assert answer.status_code == 400
    assert Analysis.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_sample_is_analysed_and_its_words_are_explained(logged_in, version):
    logged_in.post(reverse("sample"))
    video = YouTubeVideo.objects.get()
    page = logged_in.get(reverse("video", args=[video.pk]))
    assert b"small" in page.content
    started = logged_in.post(
        reverse("analyse", args=[video.pk]), {"model": version.pk, "spam": "on"}, follow=True
    )
    assert b"queued" in started.content
    analysis = Analysis.objects.get()
    assert run(analysis.pk) == "done"
    analysis.refresh_from_db()
    assert analysis.result["summary"]["counts"]  # the worker has counted
    shown = logged_in.get(reverse("analysis", args=[analysis.pk]))
    assert shown.context["summary"].total > 0
    comment = analysis.predictions.first().comment
    why = logged_in.get(
        reverse("why", args=[analysis.pk, comment.pk]), headers={"HX-Request": "true"}
    )
    assert b"Contributions to the linear model" in why.content
    assert b"<html" not in why.content
    failed = Analysis.objects.create(
        owner=video.owner, video=video, engine="small", engine_version=version.digest,
        state="failed", message="No luck.",
    )  # fmt: skip
    logged_in.post(reverse("retry", args=[failed.pk]))
    failed.refresh_from_db()
    assert failed.state == "queued"
