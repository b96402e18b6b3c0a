"""What nobody may do, tried at every address of the site, those that are yet to come included."""

from __future__ import annotations

import csv
import io

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from every_address import ADDRESSES, address
from hostile import FORMULAS
from small_model import TEXTS

from roomtone_site.analysis.models import Analysis, ModelVersion, Prediction, Removal
from roomtone_site.api.models import ApiToken
from roomtone_site.api.tokens import issue
from roomtone_site.comments.models import Import, YouTubeComment, YouTubeVideo
from roomtone_site.labelling.models import Decision, Label, LabelItem, LabelSet, Training

pytestmark = pytest.mark.django_db
OPEN = {"healthz", "accounts:login", "accounts:signup", "accounts:logout"}


def everything() -> list[int]:
    """Count all that anyone could change."""
    models = (
        *(YouTubeVideo, YouTubeComment, Analysis, Prediction, Removal, ModelVersion, ApiToken),
        *(LabelSet, LabelItem, Label, Decision, Import),
    )
    states = [Training.objects.filter(state="queued"), ApiToken.objects.filter(revoked=None)]
    return [model.objects.count() for model in models] + [rows.count() for rows in states]


NUMBERED = [name for name, parameters in ADDRESSES.items() if parameters & {"key", "pk"}]


@pytest.mark.parametrize("name", NUMBERED)
def test_another_accounts_objects_are_not_found(name, owned, client, other):
    client.force_login(other)
    before = everything()
    where = address(name, owned)
    answers = {client.get(where).status_code, client.post(where, {"value": "1"}).status_code}
    assert 404 in answers
    assert answers <= {404, 405}
    assert everything() == before


def test_a_visitor_is_sent_to_log_in(owned, client):
    before = everything()
    for name in set(ADDRESSES) - OPEN:
        where = address(name, owned)
        for answer in (client.get(where), client.post(where)):
            assert answer.status_code in (302, 405), name
            assert answer.status_code == 405 or answer.url.startswith(reverse("accounts:login"))
    assert everything() == before


def test_a_form_without_its_csrf_token_is_refused(owned, user):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(user)
    before = everything()
    for name in ADDRESSES:
        for method in ("post", "put", "delete", "patch"):
            answer = getattr(strict, method)(address(name, owned))
            assert answer.status_code in (403, 405), (name, method)
    assert everything() == before


@pytest.mark.parametrize("name", ADDRESSES)
def test_what_is_stored_is_never_run_and_reading_changes_nothing(name, owned, logged_in):
    before = everything()
    answer = logged_in.get(address(name, owned))
    assert everything() == before
    assert answer.status_code < 500
    policy = answer["Content-Security-Policy"]
    scripts = [part for part in policy.split("; ") if part.startswith(("script", "default"))]
    assert scripts
    assert not any("unsafe" in part for part in scripts)
    assert answer["X-Content-Type-Options"] == "nosniff"
    if answer.get("Content-Type", "").startswith("text/html"):
        text = b"".join(answer).decode()
        assert "<script>alert(1)" not in text
        assert "<img src=x" not in text


def test_the_hostile_texts_are_shown_somewhere(owned, logged_in):
    """Or the test above would pass for pages that show nothing."""
    shown = [
        name
        for name in ADDRESSES
        if "&lt;script&gt;alert(1)" in b"".join(logged_in.get(address(name, owned))).decode()
    ]
    expected = {"home", "video", "import", "comments", "label_sets", "settle", "models", "tokens"}
    assert expected <= set(shown)


def test_no_field_of_a_table_is_a_formula(owned, logged_in):
    answer = logged_in.get(address("export_rows", owned))
    rows = list(csv.DictReader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))
    assert len(rows) == 1 + len(FORMULAS) + len(TEXTS)
    for row in rows:
        for name, value in row.items():
            number = name.startswith("p_") or name in ("likes", "predicted", "labelled")
            assert number or not value.lstrip().startswith(("=", "+", "-", "@")), (name, value)


def test_a_body_that_is_too_large_is_refused(owned, user, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(user)
    strict.get(reverse("tokens"))
    token = strict.cookies["csrftoken"].value
    before = everything()
    for name in set(ADDRESSES) - {"healthz"}:
        body = f"csrfmiddlewaretoken={token}&name=" + "a" * 2000
        answer = strict.post(
            address(name, owned), body, content_type="application/x-www-form-urlencoded"
        )
        assert answer.status_code in (405, 413), name
    assert everything() == before


@pytest.mark.parametrize(
    "folder", ["..", ".", "../../etc", "/etc", "a/../../b", "a\0b", "", "x" * 255]
)
def test_a_version_whose_folder_is_a_trick_is_not_loaded(user, client, settings, tmp_path, folder):
    if "\0" in folder and connection.vendor != "sqlite":
        pytest.skip("PostgreSQL stores no null characters")
    settings.MODELS_FOLDER = tmp_path / "models"
    ModelVersion.objects.create(
        owner=user, name="m", kind="tfidf", folder=folder, digest="d", active=True
    )
    headers = {"Authorization": f"Bearer {issue(user, 't')[1]}"}
    options = {"content_type": "application/json", "headers": headers}
    answer = client.post("/api/score", '{"texts": ["a"]}', **options)
    assert answer.status_code == 503
    assert str(tmp_path) not in answer.text
