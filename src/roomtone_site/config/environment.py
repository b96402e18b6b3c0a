"""Reading settings from the environment, with all mistakes told at once."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from ipaddress import AddressValueError, IPv6Address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from roomtone.errors import ConfigError, nearest

PREFIX = "ROOMTONE_SITE_"
KNOWN = {
    "SECRET_KEY": "a long random text that signs sessions and makes pseudonyms",
    "DEBUG": "1 while developing: no HTTPS, tracebacks in the browser",
    "HOSTS": "the names by which the site is reached, with commas between them",
    "HTTPS": "0 if the site is reached without HTTPS, on the same machine or network",
    "HSTS_SECONDS": "how long browsers are to insist on HTTPS (default: a year)",
    "PROXY": "1 if a proxy in front sets X-Forwarded-Proto, and adds to X-Forwarded-For",
    "SIGN_UP": "0 if visitors cannot make accounts; then `manage.py createsuperuser` does",
    "API_REQUESTS": "requests to the API by one account in a minute, to all processes (600)",
    "API_TEXTS": "texts that one account may let score in a minute, likewise (30000)",
    "EXPORT_API_DATA": "1 to let accounts export comments that came from YouTube's API",
    "LEASE": "seconds without a sign of life after which a worker is taken for dead",
    "FOLDER": "where the database of SQLite, models and collected static files lie",
}
DATABASE, YOUTUBE_KEY = "DATABASE_URL", "YOUTUBE_API_KEY"
YOUTUBE_ENDPOINT = "YOUTUBE_API_ENDPOINT"
SQLITE, POSTGRESQL = "django.db.backends.sqlite3", "django.db.backends.postgresql"
_TRUE, _FALSE = ("1", "true", "yes", "on"), ("", "0", "false", "no", "off")
_SHORTEST_KEY = 32
_LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"\.?{_LABEL}(\.{_LABEL})*", re.ASCII | re.IGNORECASE)


def data_folder() -> Path:
    """Tell where a user's own data belongs by the customs of the system."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local") / "roomtone"
    if sys.platform == "darwin":
        return Path.home() / "Library/Application Support/roomtone"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "roomtone"


class Environment:
    """The variables that the site reads, and what is wrong with them.

    Parameters
    ----------
    variables : mapping of str to str
        Usually `os.environ`.
    """

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self.problems = [
            f"{name}: no such setting{nearest(name, [PREFIX + known for known in KNOWN])}"
            for name in sorted(variables)
            if name.startswith(PREFIX) and name.removeprefix(PREFIX) not in KNOWN
        ]
        self.debug = self.flag("DEBUG", default=False)

    def text(self, name: str, default: str = "") -> str:
        """Read one of `KNOWN`, without blanks around it."""
        return self._variables.get(PREFIX + name, default).strip()

    def flag(self, name: str, *, default: bool) -> bool:
        """Read a yes or no."""
        value = self.text(name, "1" if default else "0").lower()
        if value not in (*_TRUE, *_FALSE):
            self.problems.append(f"{PREFIX}{name}: {value!r} is neither 1 nor 0")
        return value in _TRUE

    def number(self, name: str, default: int) -> int:
        """Read a whole number from 0 up."""
        value = self.text(name) or str(default)
        if not (value.isascii() and value.isdigit()):
            self.problems.append(f"{PREFIX}{name}: {value!r} is no whole number from 0 up")
            return default
        return int(value)

    def secret(self, name: str) -> str:
        """Read a secret, which has no default."""
        value = self.text(name)
        if len(value) < _SHORTEST_KEY:
            found = f"has {len(value)} characters" if value else "is not set"
            self.problems.append(
                f"{PREFIX}{name} {found}; expected at least {_SHORTEST_KEY} random characters, as "
                '`python -c "import secrets; print(secrets.token_urlsafe(50))"` prints them '
                "(`roomtone site` makes its own, for a site on this machine)"
            )
        return value

    def hosts(self) -> list[str]:
        """Read the names of the site."""
        names = [name.strip() for name in self.text("HOSTS").split(",") if name.strip()]
        if not names and self.debug:
            return ["localhost", "127.0.0.1", "[::1]"]
        if not names:
            self.problems.append(f"{PREFIX}HOSTS is not set; expected {KNOWN['HOSTS']}")
        for name in names:
            if not _is_host(name):
                self.problems.append(
                    f"{PREFIX}HOSTS: {name!r} is no name of a host; expected names such as "
                    "comments.example.org, without a port, or .example.org for all names below it"
                )
        return names

    def endpoint(self) -> str:
        """Read another address of YouTube's API than its own; empty for its own."""
        url = self._variables.get(YOUTUBE_ENDPOINT, "").strip()
        try:
            parts = urlsplit(url)
            fine = not url or (parts.scheme in ("http", "https") and parts.hostname)
        except ValueError:
            fine = False
        if not fine:
            self.problems.append(
                f"{YOUTUBE_ENDPOINT}: {url!r} is no address; expected one such as "
                "https://gateway.example.org/youtube"
            )
        return url

    def folder(self) -> Path:
        """Tell where the site's own files lie."""
        chosen = self.text("FOLDER")
        return Path(chosen).expanduser().absolute() if chosen else data_folder() / "site"

    def database(self, folder: Path) -> dict[str, Any]:
        """Read where the database is; without ``DATABASE_URL`` it is a file of SQLite."""
        import dj_database_url

        url = self._variables.get(DATABASE, "").strip()
        if not url:
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                self.problems.append(f"{PREFIX}FOLDER: {folder} cannot be made ({error.strerror})")
            return sqlite(folder / "site.sqlite3")
        try:
            found: dict[str, Any] = dict(
                dj_database_url.parse(url, conn_max_age=60, conn_health_checks=True)
            )
        except ValueError as error:
            problem = f"cannot be read ({type(error).__name__})"
        else:
            problem = _problem_of(found)
        if problem:
            # Without the address itself, which holds a password.
            self.problems.append(
                f"{DATABASE} {problem}; expected postgres://USER:PASSWORD@HOST:5432/NAME or "
                "sqlite:////PATH"
            )
            return sqlite(folder / "site.sqlite3")
        return sqlite(found["NAME"]) if found["ENGINE"] == SQLITE else found

    def check(self) -> None:
        """Raise if anything was wrong.

        Raises
        ------
        ConfigError
            All mistakes at once.
        """
        if self.problems:
            raise ConfigError(self.problems, source="environment of the site")


def _is_host(name: str) -> bool:
    if name.startswith("[") and name.endswith("]"):
        try:
            IPv6Address(name[1:-1])
        except AddressValueError:
            return False
        return True
    return _NAME.fullmatch(name) is not None


def _problem_of(database: Mapping[str, Any]) -> str:
    """Say why the site cannot run on a database; an empty string where it can."""
    engine, name = database["ENGINE"], database["NAME"]
    if engine not in (SQLITE, POSTGRESQL):
        return f"names a database of {engine.rpartition('.')[2]}, on which the site does not run"
    if not name:
        return "names no database on the server"
    if engine == SQLITE and ":memory:" in name:
        return "names a database in memory, which web server and workers cannot share"
    return ""


def sqlite(path: str | Path) -> dict[str, Any]:
    """Make settings by which several processes can share one file of SQLite.

    Readers do not wait for the writer (WAL). A transaction takes the lock for writing at its
    beginning and waits for it; one that took it later would fail at once where another came first.
    """
    return {
        "ENGINE": SQLITE,
        "NAME": str(path),
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }
