from __future__ import annotations

import logging
import re
import shutil
from http.client import HTTPConnection

import pytest
from django.db import connection
from django.urls import reverse
from real_server import served

from roomtone.errors import DataError
from roomtone_site.api.models import ApiToken
from roomtone_site.api.tokens import MOST, account_of, issue, revoke

pytestmark = pytest.mark.django_db


def test_a_token_speaks_for_its_account_until_it_is_revoked(user):
    token, secret = issue(user, "laptop")
    assert account_of(secret) == user
    revoke(token)
    assert account_of(secret) is None
    before = ApiToken.objects.get().revoked
    revoke(token)
    assert ApiToken.objects.get().revoked == before


def test_only_a_hash_is_stored(user):
    _, secret = issue(user, "laptop")
    row = ApiToken.objects.values().get()
    assert not any(secret in str(value) for value in row.values())
    assert secret.startswith(row["prefix"])
    assert len(secret) - len(row["prefix"]) > 30
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM api_apitoken")
        assert secret not in str(cursor.fetchall())


@pytest.mark.parametrize("secret", ["", "rt_", "rt_é", "x", "rt_\0", "rt_" + "a" * 10_000])
def test_what_is_no_token_opens_nothing(user, secret):
    issue(user, "laptop")
    assert account_of(secret) is None


def test_a_hash_from_the_table_opens_nothing(user):
    token, _ = issue(user, "laptop")
    assert account_of(token.hash) is None
    assert account_of(f"rt_{token.hash}") is None


def test_a_closed_account_has_no_programs(user):
    _, secret = issue(user, "laptop")
    user.is_active = False
    user.save()
    assert account_of(secret) is None


def test_its_use_is_noted_once_a_minute(user, django_assert_num_queries):
    _, secret = issue(user, "laptop")
    with django_assert_num_queries(2):
        account_of(secret)
    with django_assert_num_queries(1):
        account_of(secret)
    assert ApiToken.objects.get().last_used is not None


def test_names_and_number_are_limited(user):
    for name in ("", "  ", "\0", "a" * 101):
        with pytest.raises(DataError, match="expected 1 to 100"):
            issue(user, name)
    tokens = [issue(user, "t")[0] for _ in range(MOST)]
    with pytest.raises(DataError, match="revoke one"):
        issue(user, "one more")
    revoke(tokens[0])
    issue(user, "one more")


def test_the_page_shows_a_token_once(logged_in):
    page = reverse("tokens")
    answer = logged_in.post(page, {"name": "<script>alert(1)</script>"})
    (secret,) = re.findall(r"rt_[\w-]{43}", answer.text)
    assert account_of(secret) is not None
    assert "no-store" in answer["Cache-Control"]
    assert "<script>alert" not in answer.text
    assert secret not in logged_in.get(page).text
    assert logged_in.post(page, {"name": ""}).status_code == 422


def test_tokens_are_revoked_on_the_page_by_their_owner_alone(logged_in, user, other):
    (mine, _), (foreign, secret) = issue(user, "mine"), issue(other, "theirs")
    assert logged_in.post(reverse("revoke_token", args=[foreign.pk])).status_code == 404
    assert account_of(secret) == other
    assert logged_in.get(reverse("revoke_token", args=[mine.pk])).status_code == 405
    assert logged_in.post(reverse("revoke_token", args=[mine.pk])).url == reverse("tokens")
    mine.refresh_from_db()
    assert mine.revoked is not None
    assert "theirs" not in logged_in.get(reverse("tokens")).text


def test_a_revoked_token_is_refused_even_beside_a_session(logged_in, user):
    token, secret = issue(user, "laptop")
    revoke(token)
    headers = {"Authorization": f"Bearer {secret}"}
    answer = logged_in.get("/api/models", headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (401, "not_authenticated")


def test_no_token_is_logged(client, user, caplog):
    _, secret = issue(user, "laptop")
    with caplog.at_level(logging.DEBUG):
        for path in ("/api/models", "/api/none", "/api/analyses/0"):
            client.get(path, headers={"Authorization": f"Bearer {secret}"})
        client.get("/api/models", headers={"Authorization": f"Bearer {secret[:-1]}"})
    assert secret[:-1] not in caplog.text


@pytest.mark.django_db(transaction=True)
def test_no_token_is_logged_behind_the_real_server(user, version, tmp_path):
    """However much the server logs, whatever becomes of the request."""
    (_, secret), (revoked, old) = issue(user, "laptop"), issue(user, "old")
    revoke(revoked)
    shutil.rmtree(tmp_path / "models")
    asked = [
        ("GET", "/api/models", f"Bearer {secret}", None, 200),
        ("POST", "/api/score", f"Bearer {secret}", '{"texts": ["a"]}', 503),
        ("POST", "/api/score", f"Bearer {secret}", "{", 400),
        ("GET", "/api/none", f"Bearer {secret}", None, 404),
        ("GET", "/api/models", f"Bearer {secret[:-1]}", None, 401),
        ("GET", "/api/models", f"Bearer {old}", None, 401),
        ("GET", "/api/models", f"Basic {secret}", None, 401),
        ("GET", "/api/models", secret, None, 401),
    ]
    with served(tmp_path, "--access-log", "--log-level", "debug") as port:
        for method, path, header, body, status in asked:
            connection = HTTPConnection("localhost", port, timeout=30)
            headers = {"Authorization": header, "Content-Type": "application/json"}
            connection.request(method, path, body, headers)
            assert connection.getresponse().status == status, (path, header[:6])
    log = (tmp_path / "server.log").read_text("utf-8")
    assert log.count("/api/models") >= 5, "the log tells of requests"
    assert "a model cannot be used" in log
    for token in (secret, old):
        assert token[3:12] not in log
