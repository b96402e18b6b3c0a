from __future__ import annotations

import os

import pytest

from roomtone.errors import ConfigError
from roomtone_site.config.environment import Environment, sqlite
from roomtone_site.config.local import use_local_settings

KEY = "k" * 50


def read(variables):
    environment = Environment(variables)
    settings = {
        "key": environment.secret("SECRET_KEY"),
        "hosts": environment.hosts(),
        "https": environment.flag("HTTPS", default=True),
        "hsts": environment.number("HSTS_SECONDS", 9),
    }
    environment.check()
    return settings


def test_a_site_that_is_set_up():
    given = {"ROOMTONE_SITE_SECRET_KEY": KEY, "ROOMTONE_SITE_HOSTS": "a.example, .b.example"}
    assert read(given | {"OTHER": "x"}) == {
        "key": KEY,
        "hosts": ["a.example", ".b.example"],
        "https": True,
        "hsts": 9,
    }


def test_all_mistakes_are_told_at_once():
    wrong = {
        "ROOMTONE_SITE_SECRETKEY": KEY,
        "ROOMTONE_SITE_HOSTS": "*,https://a.example",
        "ROOMTONE_SITE_HTTPS": "maybe",
        "ROOMTONE_SITE_HSTS_SECONDS": "-1",
    }
    with pytest.raises(ConfigError) as caught:
        read(wrong)
    text = "\n".join(caught.value.problems)
    for told in (
        "did you mean 'ROOMTONE_SITE_SECRET_KEY'",
        "SECRET_KEY is not set",
        "'*' is no name of a host",
        "'https://a.example' is no name",
        "'maybe' is neither",
        "'-1' is no whole number",
    ):
        assert told in text
    assert len(caught.value.problems) == 6


@pytest.mark.parametrize("key", ["", "short", "x" * 31])
def test_no_key_and_no_host_has_a_default_outside_debug(key):
    with pytest.raises(ConfigError, match="32 random characters"):
        read({"ROOMTONE_SITE_SECRET_KEY": key, "ROOMTONE_SITE_HOSTS": "a.example"})
    with pytest.raises(ConfigError, match="HOSTS is not set"):
        read({"ROOMTONE_SITE_SECRET_KEY": KEY})
    debug = {"ROOMTONE_SITE_DEBUG": "1"}
    assert "localhost" in read(debug | {"ROOMTONE_SITE_SECRET_KEY": KEY})["hosts"]
    with pytest.raises(ConfigError, match="SECRET_KEY is not set"):
        read(debug)


def test_a_key_is_never_shown():
    with pytest.raises(ConfigError) as caught:
        read({"ROOMTONE_SITE_SECRET_KEY": "hunter2", "ROOMTONE_SITE_HOSTS": "*"})
    assert "hunter2" not in str(caught.value)


def test_databases(tmp_path):
    assert Environment({}).database(tmp_path / "new") == sqlite(tmp_path / "new/site.sqlite3")
    assert (tmp_path / "new").is_dir()
    lite = Environment({"DATABASE_URL": f"sqlite:///{tmp_path}/a.db"}).database(tmp_path)
    assert lite == sqlite(f"{tmp_path}/a.db")
    large = Environment({"DATABASE_URL": "postgres://u:p%40ss@db:5433/site"}).database(tmp_path)
    assert (large["HOST"], large["PORT"], large["PASSWORD"]) == ("db", 5433, "p@ss")
    assert large["ENGINE"].endswith("postgresql")


@pytest.mark.parametrize(
    "name",
    [
        *("example.org", ".example.org", "localhost", "a-b.example", "xn--bcher-kva.example"),
        *("127.0.0.1", "[::1]", "[2001:db8::1]", "web_1", "EXAMPLE.org"),
    ],
)
def test_names_of_hosts(name):
    environment = Environment({"ROOMTONE_SITE_HOSTS": name})
    assert environment.hosts() == [name]
    assert environment.problems == []


@pytest.mark.parametrize(
    "name",
    [
        *("*", "*.example.org", "example.org:8000", "[::1]:8000", "exa mple", "http:x", "::1"),
        *(
            "http://a.example",
            "a.example/",
            ".",
            "..a",
            "a..b",
            "-a.example",
            "a.example.",
            "[::x]",
        ),
        *("bücher.example", "a" * 64, "user@a.example", "127.0.0.1:80"),
    ],
)
def test_what_is_no_name_of_a_host(name):
    environment = Environment({"ROOMTONE_SITE_HOSTS": f"a.example,{name}"})
    environment.hosts()
    (problem,) = environment.problems
    assert repr(name) in problem


@pytest.mark.parametrize(
    "url",
    [
        *("mysql://u:hunter2@db/site", "oracle://u:hunter2@db/site", "postgis://u:hunter2@db/site"),
        *("sqlite://", "sqlite://:memory:", "postgres://u:hunter2@db", "postgres://u:hunter2@db/"),
    ],
)
def test_a_database_that_the_site_does_not_run_on_is_told_at_the_start(tmp_path, url):
    environment = Environment({"DATABASE_URL": url})
    environment.database(tmp_path)
    (problem,) = environment.problems
    assert problem.startswith("DATABASE_URL")
    assert "hunter2" not in problem


@pytest.mark.parametrize("url", ["youtube.example", "ftp://youtube.example", "https://", "http:/x"])
def test_an_endpoint_that_is_no_address_is_told_at_the_start(url):
    environment = Environment({"YOUTUBE_API_ENDPOINT": url})
    environment.endpoint()
    (problem,) = environment.problems
    assert problem.startswith("YOUTUBE_API_ENDPOINT")


def test_an_endpoint():
    for url in ("", "https://gateway.example/youtube", "http://127.0.0.1:8080"):
        environment = Environment({"YOUTUBE_API_ENDPOINT": f" {url}"})
        assert (environment.endpoint(), environment.problems) == (url, [])


@pytest.mark.parametrize("url", ["nosuch://u:hunter2@db/site", "postgres://u:hunter2@db:x/site"])
def test_a_bad_address_of_a_database_is_told_without_its_password(tmp_path, url):
    environment = Environment({"DATABASE_URL": url})
    environment.database(tmp_path)
    (problem,) = environment.problems
    assert problem.startswith("DATABASE_URL cannot be read")
    assert "hunter2" not in problem


def test_a_local_site_keeps_a_key_of_its_own(tmp_path, monkeypatch):
    def start(folder):
        for name in ("SECRET_KEY", "HOSTS", "DEBUG", "HTTPS"):
            monkeypatch.delenv(f"ROOMTONE_SITE_{name}", raising=False)
        monkeypatch.setenv("ROOMTONE_SITE_FOLDER", str(folder))
        assert use_local_settings()
        return os.environ["ROOMTONE_SITE_SECRET_KEY"]

    first = start(tmp_path / "a")
    assert start(tmp_path / "a") == first != start(tmp_path / "b")
    assert (tmp_path / "a/secret_key").stat().st_mode & 0o777 == 0o600
    assert read(dict(os.environ))["hosts"] == ["localhost", "127.0.0.1", "[::1]"]


def test_a_site_that_is_debugged_keeps_its_key(tmp_path, monkeypatch):
    """Else all would be logged out, and the same author would get another pseudonym."""
    keys = []
    for debug in ("0", "1"):
        for name in ("SECRET_KEY", "HOSTS", "HTTPS"):
            monkeypatch.delenv(f"ROOMTONE_SITE_{name}", raising=False)
        monkeypatch.setenv("ROOMTONE_SITE_FOLDER", str(tmp_path))
        monkeypatch.setenv("ROOMTONE_SITE_DEBUG", debug)
        assert use_local_settings()
        keys.append(os.environ["ROOMTONE_SITE_SECRET_KEY"])
    assert keys[0] == keys[1]


@pytest.mark.parametrize("name", ["SECRET_KEY", "HOSTS"])
def test_nothing_local_is_mixed_into_a_site_that_is_set_up(tmp_path, monkeypatch, name):
    for other in ("SECRET_KEY", "HOSTS", "DEBUG"):
        monkeypatch.delenv(f"ROOMTONE_SITE_{other}", raising=False)
    monkeypatch.setenv("ROOMTONE_SITE_FOLDER", str(tmp_path))
    monkeypatch.setenv(f"ROOMTONE_SITE_{name}", "1")
    assert not use_local_settings()
    assert not list(tmp_path.iterdir())
