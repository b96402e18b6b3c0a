from __future__ import annotations

import json
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.test import Client, override_settings

from roomtone_site.analysis.models import Analysis, Removal
from roomtone_site.analysis.versions import install
from roomtone_site.comments.models import YouTubeVideo

pytestmark = pytest.mark.django_db


def test_texts_are_scored_as_the_model_scores_them(program, version, engine):
    texts = ["I love it", "awful", "zzz"]
    answer = program.post("/score", {"texts": texts})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["model"]["name"] == "small"
    assert found["model"]["digest"] == version.digest
    assert [row["known"] for row in found["results"]] == [True, True, False]
    shares = [list(row["probabilities"].values()) for row in found["results"]]
    assert shares == engine.predict_proba(texts).tolist()
    assert found["results"][0]["label"] == "positive"
    assert list(found["results"][0]["probabilities"]) == ["negative", "neutral", "positive"]


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ("{", 400, "no readable JSON"),
        (b"\xff\xfe", 400, "no readable JSON"),
        ({}, 422, "texts: Field required"),
        ({"texts": []}, 422, "at least 1 item"),
        ({"texts": ["a"] * 257}, 422, "at most 256 items"),
        ({"texts": ["a" * 10_001]}, 422, "texts.0: String should have at most 10000"),
        ({"texts": ["a", None, 3]}, 422, "texts.1"),
        ({"texts": ["\ud800"]}, 422, "texts.0"),
        ({"texts": ["a"], "modell": "x"}, 422, "modell: Extra inputs are not permitted"),
        ({"texts": ["a"], "model": "smal"}, 404, "did you mean 'small'?"),
        ({"texts": ["a"], "model": "../../etc/passwd"}, 404, "unknown model"),
        ({"texts": ["a"], "model": "x" * 101}, 422, "at most 100 characters"),
        ({"texts": ["a" * 10_000] * 101}, 413, "larger than 1,000,000 bytes"),
        ([], 422, "body"),
        ("null", 422, "body"),
    ],
)
def test_what_cannot_be_scored_is_told(program, version, body, status, told):
    answer = program.post("/score", body)
    assert answer.status_code == status, answer.text
    found = answer.json()
    assert told in found["message"]
    assert set(found) == {"error", "message", "problems"}


def test_a_mistake_does_not_echo_what_was_sent(program, version):
    answer = program.post("/score", {"texts": ["secret text"] * 300})
    assert "secret text" not in answer.text


def test_without_a_model_the_answer_says_who_installs_one(program, tmp_path):
    answer = program.post("/score", {"texts": ["a"]})
    assert answer.status_code == 404
    assert "install_model" in answer.json()["message"]


def test_a_damaged_model_is_unavailable_and_its_place_is_not_told(program, version, settings):
    (settings.MODELS_FOLDER / version.folder / "engine.json").write_text("{}")
    answer = program.post("/score", {"texts": ["never scored before"]})
    assert answer.status_code == 503
    assert str(settings.MODELS_FOLDER) not in answer.text


def test_models_are_ones_own_and_the_sites(program, stranger, user, other, version, engine):
    mine = install(engine, "mine", owner=user)
    names = [row["name"] for row in program.get("/models").json()["items"]]
    assert names == ["mine", "small"]
    assert program.get(f"/models/{mine.pk}").json()["of_the_site"] is False
    assert stranger.get(f"/models/{mine.pk}").status_code == 404
    assert stranger.get(f"/models/{version.pk}").json()["of_the_site"] is True
    assert stranger.post("/score", {"texts": ["a"], "model": "mine"}).status_code == 404


def test_an_analysis_is_started_and_read(program, analysis, version):
    answer = program.post("/analyses", {"video": analysis.video_id})
    assert answer.status_code == 202, answer.text
    found = answer.json()
    assert (found["video"], found["state"], found["engine"]) == (
        analysis.video_id,
        "queued",
        "small",
    )
    assert program.get(f"/analyses/{found['id']}").json()["id"] == found["id"]
    assert Analysis.objects.count() == 2


def test_a_video_is_fetched_once_at_a_time(program, analysis, version):
    YouTubeVideo.objects.update(source="api")
    assert program.post("/analyses", {"video": analysis.video_id}).status_code == 202
    answer = program.post("/analyses", {"video": analysis.video_id})
    assert (answer.status_code, answer.json()["error"]) == (409, "conflict")
    assert "are being fetched" in answer.json()["message"]
    options = {"fetch": False}
    answer = program.post("/analyses", {"video": analysis.video_id, "options": options})
    assert answer.status_code == 202


def test_an_analysis_that_stopped_has_a_result_and_a_reason(program, analysis):
    program.get(f"/analyses/{analysis.pk}")
    analysis.refresh_from_db()
    analysis.fail("The video is private.", "forbidden")
    analysis.save()
    found = program.get(f"/analyses/{analysis.pk}").json()
    assert (found["state"], found["reason"], found["resume_at"]) == ("partial", "forbidden", None)
    assert found["result"]["total"] == 3


def test_a_result_has_names_for_all_that_it_holds(program, analysis, user):
    video = analysis.video
    opening = video.comments.get(comment_id="0")
    video.comments.filter(comment_id="1").update(
        parent=opening, likes=3, published=datetime(2025, 3, 1, 12, tzinfo=UTC)
    )
    Removal.objects.create(
        analysis=analysis, comment=video.comments.get(comment_id="2"), reason="spam"
    )
    found = program.get(f"/analyses/{analysis.pk}").json()
    result = found["result"]
    assert found["reason"] == ""
    assert (result["total"], result["undated"]) == (2, 1)
    assert result["counts"] == {"negative": 1, "neutral": 0, "positive": 1}
    assert result["weights"] == {"negative": 4, "neutral": 0, "positive": 1}
    assert result["replies"] == {"negative": 1, "neutral": 0, "positive": 0}
    assert result["threads"] == [{"comment": "0", "replies": result["replies"]}]
    assert result["periods"] == [{"start": "2025-03-01", "counts": result["replies"]}]
    assert (result["removed"], result["removed_comments"]) == ({"spam": 1}, 1)
    assert set(result["words"]) == {"negative", "neutral", "positive"}


def test_before_its_end_an_analysis_has_no_result_and_a_failed_one_a_reason(program, analysis):
    for state, stored, reason in [
        ("queued", None, ""),
        ("scoring", None, ""),
        ("failed", {"reason": "commentsDisabled"}, "commentsDisabled"),
    ]:
        Analysis.objects.filter(pk=analysis.pk).update(state=state, result=stored)
        found = program.get(f"/analyses/{analysis.pk}").json()
        assert (found["state"], found["result"], found["reason"]) == (state, None, reason)


def test_a_summary_of_an_older_form_is_made_anew(program, analysis):
    Analysis.objects.filter(pk=analysis.pk).update(result={"summary": {"form": 0}})
    assert program.get(f"/analyses/{analysis.pk}").json()["result"]["total"] == 3


def test_the_document_describes_all_of_a_result(client):
    schemas = client.get("/api/openapi.json").json()["components"]["schemas"]
    result = schemas["AnalysisOut"]["properties"]["result"]
    assert {"$ref": "#/components/schemas/Result"} in result["anyOf"]
    for name in ("Result", "Counts", "Period", "Thread", "Words", "Word", "Probabilities"):
        for key, value in schemas[name]["properties"].items():
            assert value.keys() & {"type", "$ref"}, (name, key)


def test_lists_come_in_parts(program, analysis):
    path = f"/analyses/{analysis.pk}/predictions"
    first = program.get(path, limit=2).json()
    rest = program.get(path, limit=2, after=first["next"]).json()
    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (2, 1, None)
    rows = [*first["items"], *rest["items"]]
    assert len({row["id"] for row in rows}) == 3
    assert {row["comment"]: row["label"] for row in rows} == {
        "0": "positive",
        "1": "negative",
        "2": "neutral",
    }
    assert [row["title"] for row in program.get("/videos").json()["items"]] == ["A song"]
    assert [row["id"] for row in program.get("/analyses").json()["items"]] == [analysis.pk]


def test_a_list_of_many_takes_as_many_queries_as_one_of_few(
    program, analysis, django_assert_num_queries
):
    program.get("/analyses")
    # Token, count of requests, analysis, predictions with their comments.
    with django_assert_num_queries(4):
        program.get(f"/analyses/{analysis.pk}/predictions", limit=3)


@pytest.mark.parametrize("path", ["/analyses/{}", "/analyses/{}/predictions"])
def test_another_accounts_objects_are_not_found(stranger, analysis, path):
    answer = stranger.get(path.format(analysis.pk))
    assert answer.status_code == 404
    assert answer.json()["error"] == "not_found"


def test_another_accounts_video_cannot_be_analysed_nor_listed(stranger, analysis, version):
    answer = stranger.post("/analyses", {"video": analysis.video_id})
    assert answer.status_code == 404
    assert stranger.get("/videos").json()["items"] == []
    assert stranger.get("/analyses").json()["items"] == []
    assert Analysis.objects.count() == 1


@pytest.mark.parametrize("number", ["0", "-1", str(2**63), "abc", "1e3"])
def test_numbers_that_are_no_ids(program, number):
    assert program.get(f"/analyses/{number}").status_code == 422
    assert program.get("/analyses", after=number).status_code == 422


def test_a_page_needs_its_csrf_token_and_a_visitor_an_account(user, version):
    body = json.dumps({"texts": ["a"]})
    strict = Client(enforce_csrf_checks=True)
    options = {"content_type": "application/json"}
    answer = strict.post("/api/score", body, **options)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    strict.force_login(user)
    answer = strict.post("/api/score", body, **options)
    assert answer.status_code == 403
    assert "X-CSRFToken" in answer.json()["message"]
    strict.get("/accounts/tokens/")
    headers = {"X-CSRFToken": strict.cookies["csrftoken"].value}
    assert strict.post("/api/score", body, headers=headers, **options).status_code == 200
    assert strict.get("/api/models").status_code == 200


def test_an_account_has_so_many_requests_and_texts_a_minute(
    program, stranger, version, monkeypatch
):
    clock = SimpleNamespace(time=lambda: 1e9)  # which is not moved on to the next minute
    monkeypatch.setattr("roomtone_site.limits.counting.time", clock)
    with override_settings(API_REQUESTS_PER_MINUTE=3, API_TEXTS_PER_MINUTE=5):
        assert program.post("/score", {"texts": ["a"] * 5}).status_code == 200
        answer = program.post("/score", {"texts": ["a"]})
        assert answer.status_code == 429
        assert 1 <= int(answer["Retry-After"]) <= 60
        assert program.get("/models").status_code == 200
        answer = program.get("/models")
        assert (answer.status_code, answer.json()["error"]) == (429, "too_many_requests")
        assert 1 <= int(answer["Retry-After"]) <= 60
        assert stranger.get("/models").status_code == 200


def test_addresses_that_are_none_and_wrong_methods(program):
    answer = program.get("/no/such")
    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")
    assert program.post("/models", {}).status_code == 405


def test_an_unforeseen_error_is_told_without_its_details(program, version, monkeypatch, caplog):
    def broken(*_):
        raise ZeroDivisionError("at /srv/secret")

    monkeypatch.setattr("roomtone_site.api.endpoints.score_texts", broken)
    answer = program.post("/score", {"texts": ["a"]})
    assert (answer.status_code, answer.json()["error"]) == (500, "internal_error")
    assert "secret" not in answer.text
    assert "ZeroDivisionError" in caplog.text
    assert program.secret not in caplog.text


def test_the_documentation_is_served_by_the_site_itself(client):
    page = client.get("/api/docs")
    assert page.status_code == 200
    assert "https://" not in page.text
    document = client.get("/api/openapi.json").json()
    assert set(document["paths"]) == {
        *("/api/score", "/api/models", "/api/models/{id}", "/api/videos", "/api/analyses"),
        *("/api/analyses/{id}", "/api/analyses/{id}/predictions"),
    }
    assert set(document["components"]["securitySchemes"]) == {"Token", "Session"}


def test_videos_are_listed_with_what_is_known_of_them(program, user):
    YouTubeVideo.objects.create(owner=user, video_id="x", title="<b>", source="import")
    (row,) = program.get("/videos").json()["items"]
    assert (row["title"], row["source"], row["published"]) == ("<b>", "import", None)
