"""The settings of an installation that others reach."""

from __future__ import annotations

import pytest

PRODUCTION = {
    "ROOMTONE_SITE_SECRET_KEY": "bT0y" * 4 + "-qW9z_Lk27" * 4,
    "ROOMTONE_SITE_HOSTS": "comments.example.org",
}


def test_django_finds_nothing_to_warn_of(manage):
    done = manage("check", "--deploy", "--fail-level", "DEBUG", **PRODUCTION)
    assert (done.returncode, done.stderr) == (0, "")
    assert "no issues (0 silenced)" in done.stdout


def test_the_check_is_not_blind(manage):
    done = manage(
        "check", "--deploy", "--fail-level", "WARNING", ROOMTONE_SITE_HTTPS="0", **PRODUCTION
    )
    assert done.returncode == 1
    assert "SECURE_SSL_REDIRECT" in done.stderr


@pytest.mark.parametrize("name", sorted(PRODUCTION))
def test_what_keeps_it_safe_has_no_default(manage, name):
    given = {other: value for other, value in PRODUCTION.items() if other != name}
    done = manage("check", **given)
    assert done.returncode == 2
    assert f"{name} is not set" in done.stderr
    assert "Traceback" not in done.stderr


ANSWERS = """
from django.test import Client
client = Client(SERVER_NAME="comments.example.org")
plain = client.get("/accounts/log-in/")
print(plain.status_code, plain.headers["Location"])
safe = client.get("/accounts/log-in/", secure=True)
for name in ("Strict-Transport-Security", "X-Frame-Options", "X-Content-Type-Options",
             "Referrer-Policy", "Content-Security-Policy"):
    print(safe.status_code, safe.headers[name])
print(safe.cookies["csrftoken"]["secure"], Client().get("/healthz").status_code)
print(Client(SERVER_NAME="comments.example.org").get("/healthz").text)
"""


def test_answers_go_out_by_https_alone_and_carry_what_protects(manage):
    assert manage("migrate", "-v0", **PRODUCTION).returncode == 0
    assert manage("collectstatic", "--noinput", "-v0", **PRODUCTION).returncode == 0
    done = manage("shell", "-v0", stdin=ANSWERS, **PRODUCTION)
    lines = done.stdout.splitlines()
    assert lines[:5] == [
        "301 https://comments.example.org/accounts/log-in/",
        "200 max-age=31536000; includeSubDomains; preload",
        "200 DENY",
        "200 nosniff",
        "200 same-origin",
    ], done.stderr
    assert lines[5].startswith("200 default-src 'self'")
    assert lines[6].startswith("True 400"), "a host that is not the site's is refused"
    assert lines[7] == "ok"
