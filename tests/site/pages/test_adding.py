from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from roomtone_site.analysis.models import Analysis
from roomtone_site.analysis.running import run as run_analysis
from roomtone_site.comments import importing, opening
from roomtone_site.comments.importing_job import run
from roomtone_site.comments.models import Import, YouTubeVideo
from roomtone_site.comments.uploads import MOST_WAITING

ROWS = "text,likes,label\nI love it,3,positive\nAwful noise,1,negative\n,2,neutral\n"


@pytest.fixture(autouse=True)
def uploads(tmp_path, settings):
    settings.UPLOADS_FOLDER = tmp_path / "uploads"
    return settings.UPLOADS_FOLDER


def _sent(client, name, content, **values):
    upload = SimpleUploadedFile(name, content.encode())
    return client.post(reverse("add_file"), {"file": upload, **values}, follow=True)


@pytest.mark.django_db(transaction=True)
def test_a_file_becomes_a_video_and_tells_which_rows_it_left_out(logged_in, user, uploads):
    answer = _sent(logged_in, "my comments.csv", ROWS, title="Mine")
    page = reverse("import", args=[Import.objects.get().pk])
    assert answer.redirect_chain == [(page, 302)]
    assert 'hx-trigger="every 1s"' in answer.text
    assert f'href="{page}"' in logged_in.get(reverse("add")).text
    assert [path.name for path in uploads.glob("*/*")] == ["my_comments.csv"]
    assert not YouTubeVideo.objects.exists()
    part = logged_in.get(page, headers={"HX-Request": "true"})
    assert "<html" not in part.text
    assert "HX-Refresh" not in part
    call_command("worker", batch=True, interval=0)
    video = YouTubeVideo.objects.get(owner=user)
    assert (video.title, video.comments.count()) == ("Mine", 2)
    assert logged_in.get(page, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    shown = " ".join(logged_in.get(page).text.split())
    assert "3 rows read: 2 new comments, 0 changed, 0 known, 1 left out." in shown
    assert (
        '<th scope="row" class="number">4</th><td class="said" dir="auto">empty text</td>' in shown
    )
    assert reverse("video", args=[video.pk]) in shown
    assert "every 1s" not in shown
    assert list(uploads.iterdir()) == [], "the file is removed afterwards"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "name", ["../../etc/x.csv", "..csv", "a\\b.csv", "é" * 200 + ".csv", ".csv"]
)
def test_the_name_of_a_file_leads_nowhere(logged_in, user, name, uploads):
    _sent(logged_in, name, ROWS, title="t")
    (path,) = uploads.glob("**/*.csv")
    assert path.parent.parent == uploads
    assert run(Import.objects.get().pk) == "done"
    (video,) = YouTubeVideo.objects.filter(owner=user)
    assert "/" not in video.video_id


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "content"), [("a.exe", "MZ"), ("a.csv", ""), ("a", "text\nb\n")])
def test_what_cannot_be_a_table_is_refused_at_once(logged_in, name, content, uploads):
    answer = _sent(logged_in, name, content)
    assert answer.status_code == 400
    assert b"errorlist" in answer.content
    assert not list(uploads.glob("*"))
    assert not Import.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("content", ["x,y\n1,2\n", "text\n\n"])
def test_a_file_without_comments_fails_by_its_own_name(logged_in, content, uploads):
    answer = _sent(logged_in, "a.csv", content)
    (found,) = Import.objects.all()
    assert run(found.pk) == "failed: DataError"
    shown = logged_in.get(answer.redirect_chain[0][0]).text
    assert "a.csv: " in shown
    assert str(uploads) not in shown
    assert found.folder not in shown
    assert list(uploads.iterdir()) == []


@pytest.mark.django_db
def test_so_many_files_can_wait_and_no_more(logged_in, uploads):
    for number in range(MOST_WAITING + 1):
        answer = _sent(logged_in, f"{number}.csv", ROWS)
        assert answer.status_code == (200 if number < MOST_WAITING else 400)
    assert b"wait for one of them" in answer.content
    assert len(list(uploads.iterdir())) == MOST_WAITING


@pytest.mark.django_db(transaction=True)
def test_an_import_is_given_up(logged_in, uploads, monkeypatch):
    _sent(logged_in, "a.csv", "text\n" + "".join(f"comment {n}\n" for n in range(20)))
    found = Import.objects.get()
    page, button = (reverse(name, args=[found.pk]) for name in ("import", "give_up_import"))
    assert f'action="{button}"' in logged_in.get(page).text
    monkeypatch.setattr(importing, "BATCH", 10)
    real, seen = opening.open_stream, []

    def open_stream(*given, **options):
        opened = real(*given, **options)
        chunks = opened.stream.chunks

        def until_the_second(size):
            for chunk in chunks(size):
                seen.append(chunk)
                if len(seen) == 2:
                    assert logged_in.post(button).url == page
                yield chunk

        opened.stream.chunks = until_the_second
        return opened

    monkeypatch.setattr(opening, "open_stream", open_stream)
    assert run(found.pk) == "it is no longer this worker's"
    shown = logged_in.get(page).text
    assert "You gave it up; comments that were stored before are still there." in shown
    assert f'action="{button}"' not in shown
    assert YouTubeVideo.objects.get().comments.count() == 10
    assert list(uploads.iterdir()) == []
    logged_in.post(button)
    assert run(found.pk).endswith("nothing is to be done")


@pytest.mark.django_db
def test_an_import_is_its_owners_alone(logged_in, user, client, other):
    _sent(logged_in, "a.csv", ROWS)
    page = reverse("import", args=[Import.objects.get().pk])
    assert logged_in.get(page).status_code == 200
    client.force_login(other)
    assert client.get(page).status_code == 404
    assert "a.csv" not in client.get(reverse("add")).text
    client.logout()
    assert client.get(page).url.startswith(reverse("accounts:login"))


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
    assert run_analysis(analysis.pk) == "done"
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
