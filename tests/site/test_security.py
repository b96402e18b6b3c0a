"""What nobody may do, tried at every address of the site, those that are yet to come included."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from small_model import TEXTS

from roomtone_site.analysis.models import Analysis, ModelVersion, Prediction, Removal
from roomtone_site.analysis.versions import install
from roomtone_site.api.models import ApiToken
from roomtone_site.api.tokens import issue
from roomtone_site.comments.incoming import Incoming
from roomtone_site.comments.models import YouTubeComment, YouTubeVideo
from roomtone_site.comments.storing import store_comments
from roomtone_site.labelling.choosing import make_set
from roomtone_site.labelling.models import Decision, Label, LabelItem, LabelSet, Training
from roomtone_site.labelling.settling import record

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
FORMULAS = ("=1+1", "+1+1", "-1-1", "@SUM(A1)", "\t=1", "\r=1", "  =cmd|' /C calc'!A0")
OPEN = {"healthz", "accounts:login", "accounts:signup", "accounts:logout"}


def patterns(resolver: Any = None, spaces: tuple[str, ...] = ()) -> Any:
    """Every named address of the site, the API's left out, with the names of its parameters."""
    for found in (resolver or get_resolver()).url_patterns:
        if isinstance(found, URLResolver) and found.namespace != "api":
            inner = (*spaces, found.namespace) if found.namespace else spaces
            yield from patterns(found, inner)
        elif isinstance(found, URLPattern) and found.name:
            groups = found.pattern.regex.groupindex
            yield ":".join((*spaces, found.name)), set(found.pattern.converters) | set(groups)


ADDRESSES = dict(patterns())


@pytest.fixture
def owned(user: Any, engine: Any, version: Any) -> dict[str, Any]:
    """One object of each kind of the account, all with hostile texts."""
    video = YouTubeVideo.objects.create(
        owner=user, video_id="v", title=HOSTILE, channel=HOSTILE, source="import"
    )
    texts = [HOSTILE, *FORMULAS, *TEXTS]
    store_comments(video, [Incoming(f"{n}{HOSTILE}", text) for n, text in enumerate(texts)])
    label_set = make_set(user, HOSTILE, mode="random", size=5)
    record(label_set.items.first(), user, 1)
    analysis = Analysis.objects.create(
        owner=user, video=video, engine="small", state="done", message=HOSTILE, done=1, total=1
    )
    comments = list(video.comments.all())
    for comment in comments:
        Prediction.objects.create(
            analysis=analysis,
            comment=comment,
            label=2,
            p_negative=0.1,
            p_neutral=0.2,
            p_positive=0.7,
        )
    spam = YouTubeComment.objects.create(video=video, comment_id="spam", text=HOSTILE)
    Removal.objects.create(analysis=analysis, comment=spam, reason="spam", detail=HOSTILE)
    return {
        "video": video,
        "analysis": analysis,
        "comment": comments[0],
        "set": label_set,
        "version": install(engine, "mine", owner=user),
        "training": Training.objects.create(owner=user, name=HOSTILE, kind="svm", message=HOSTILE),
        "token": issue(user, HOSTILE)[0],
    }


def address(name: str, owned: dict[str, Any]) -> str:
    """Put the account's objects where an address names some."""
    kinds = {
        **dict.fromkeys(["video", "analyse", "fetch_again", "delete_video"], "video"),
        **dict.fromkeys(["label", "undo_label", "settle", "invite", "delete_set"], "set"),
        "use_model": "version",
        "give_up_training": "training",
        "revoke_token": "token",
    }
    values: dict[str, Any] = {}
    for parameter in ADDRESSES[name]:
        if parameter in ("key", "pk"):
            kind = kinds.get(name, "analysis" if parameter == "key" else None)
            assert kind, f"say here what the number in the address {name!r} is of"
            values[parameter] = owned[kind].pk
        else:
            known = {"comment": owned["comment"].pk, "form": "csv", "secret": "none"}
            assert parameter in known, f"say here what {parameter!r} in the address {name!r} is"
            values[parameter] = known[parameter]
    return reverse(name, kwargs=values)


def everything() -> list[int]:
    """Count all that anyone could change."""
    models = (
        *(YouTubeVideo, YouTubeComment, Analysis, Prediction, Removal, ModelVersion, ApiToken),
        *(LabelSet, LabelItem, Label, Decision),
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
    assert {"home", "video", "comments", "label_sets", "settle", "models", "tokens"} <= set(shown)


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
        assert answer.status_code in (400, 405, 413), name
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
