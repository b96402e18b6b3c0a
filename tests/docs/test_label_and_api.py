"""What `docs/label_and_retrain.md` and `docs/api.md` say is so."""

from __future__ import annotations

import json
import re

import pytest

pytest.importorskip("django", reason="the site needs: pip install 'roomtone[site]'")

from doc_pages import blocks, page, printed
from small_model import small_engine

from roomtone_site.analysis.options import Options
from roomtone_site.analysis.versions import install
from roomtone_site.api import errors, limits
from roomtone_site.api.tokens import issue
from roomtone_site.comments.models import YouTubeVideo
from roomtone_site.labelling import evidence, judging, retraining

API, LABEL = map(page, ("api.md", "label_and_retrain.md"))


@pytest.mark.django_db(transaction=True)
def test_the_program_of_the_page_runs(
    live_server, django_user_model, tmp_path, settings, monkeypatch
):
    settings.MODELS_FOLDER = tmp_path
    install(small_engine(), "small", use=True)
    user = django_user_model.objects.create_user("ana")
    YouTubeVideo.objects.create(owner=user, video_id="v", title="A song", source="import")
    monkeypatch.setenv("ROOMTONE_URL", live_server.url)
    monkeypatch.setenv("ROOMTONE_TOKEN", issue(user, "docs")[1])
    lines = printed(*(code for _, code in blocks(API, "python"))).splitlines()
    assert [line.split()[0] for line in lines] == ["positive", "negative", "queued"]


def test_the_example_of_agreement_prints_what_the_page_says():
    (_, code), (_, expected) = blocks(LABEL, "python", "text")
    assert printed(code) == expected


def test_every_endpoint_stands_in_the_table(client):
    document = client.get("/api/openapi.json").json()
    there = {
        f"{method.upper()} {path}" for path, ways in document["paths"].items() for method in ways
    }
    rows = [line for line in API.splitlines() if line.startswith("| `")]
    assert set(re.findall(r"`((?:GET|POST) /api/[^`]+)`", "\n".join(rows))) == there


def test_every_error_stands_in_the_table():
    told = dict(re.findall(r"^\| (\d{3}) \| `(\w+)` \|", API, re.MULTILINE))
    known = {str(status): word for status, word in errors._CODES.items()}
    assert known.items() >= told.items()
    assert set(known) - set(told) <= {"405", "409"}


def test_numbers_are_those_of_the_code(settings):
    for number in (limits.TEXTS_PER_REQUEST, limits.LONGEST_TEXT, 1_000_000):
        assert f"{number:,}" in API
    for number in (settings.API_REQUESTS_PER_MINUTE, settings.API_TEXTS_PER_MINUTE):
        assert f"{number:,}" in API
    assert (evidence.SHARE, evidence.VALIDATION_SHARE) == (0.3, 0.1)
    assert f"As soon as {evidence.ENOUGH} comments" in LABEL
    assert (judging.GROUPS, retraining.LEAST) == (6, 10)


def test_every_option_and_kind_that_is_named_exists():
    (options,) = re.findall(r"takes the `options` of the page: (.*?)\. Read", API, re.DOTALL)
    assert set(re.findall(r"`(\w+)`", options)) == set(Options.model_fields) - {"kept"}
    kinds = re.findall(r"^\| (\w+) \| ", LABEL, re.MULTILINE)
    assert set(retraining.KINDS) <= set(kinds)


@pytest.mark.django_db
def test_an_error_has_the_form_that_is_shown(client, django_user_model):
    ((_, shown),) = blocks(API, "json")
    client.force_login(django_user_model.objects.create_user("ana"))
    body = json.dumps({"texts": ["a", None]})
    answer = client.post("/api/score", body, content_type="application/json")
    assert answer.json() == json.loads(shown)
