"""What `Dockerfile`, `compose.yaml` and `docs/operate.md` run is run, as far as it goes without
Docker."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
import yaml
from waiting import free_port, wait_for

pytest.importorskip("django", reason="the site needs: pip install 'roomtone[site]'")

from roomtone_site.config.environment import (
    DATABASE,
    KNOWN,
    PREFIX,
    YOUTUBE_ENDPOINT,
    YOUTUBE_KEY,
)
from roomtone_site.running.site import SiteOptions, _programs

REPOSITORY = Path(__file__).parents[2]
OPERATE = (REPOSITORY / "docs" / "operate.md").read_text(encoding="utf-8")
DOCKERFILE = (REPOSITORY / "Dockerfile").read_text(encoding="utf-8")
COMPOSE_TEXT = (REPOSITORY / "compose.yaml").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load(COMPOSE_TEXT)
SERVICES = COMPOSE["services"]
VARIABLES = {DATABASE, YOUTUBE_KEY, YOUTUBE_ENDPOINT, *(PREFIX + name for name in KNOWN)}
# Those that make no sense in a container: it is developed elsewhere, HTTPS is what the proxy is
# for, and the folder is the image's.
NOT_IN_COMPOSE = {PREFIX + name for name in ("DEBUG", "HTTPS", "FOLDER")}
GIVEN = {
    "ROOMTONE_SITE_SECRET_KEY": "bT0y" * 4 + "-qW9z_Lk27" * 4,
    "ROOMTONE_SITE_HOSTS": "comments.example.org",
    "POSTGRES_PASSWORD": "p" * 64,
}


def instruction(name):
    (found,) = re.findall(rf"^{name} ((?:.*\\\n)*.*)", DOCKERFILE, re.MULTILINE)
    return found.replace("\\\n", " ")


SERVE = json.loads(instruction("CMD"))


def filled_in(text, variables):
    """Do what Compose does with ``${NAME:-default}`` and ``${NAME:?message}``."""

    def value(found):
        name, kind, rest = found.groups()
        if variables.get(name):
            return variables[name]
        assert kind == ":-", f"{name} has to be there"
        return rest

    inmost = r"\$\{(\w+)(?:(:[-?])([^${}]*))?\}"
    while "${" in text:
        text = re.sub(inmost, value, text)
    return text


def options(words):
    """Take a command line apart, but for where it listens."""
    found = " ".join(words[1:] if words[0] == "granian" else words).split(" --")
    return {part for part in found if not part.startswith(("host", "port", "log-level"))}


def test_every_variable_that_is_named_anywhere_is_one_that_the_site_reads():
    pages = [*(REPOSITORY / "docs").glob("*.md"), REPOSITORY / "README.md"]
    files = [*pages, REPOSITORY / "Dockerfile", REPOSITORY / "compose.yaml"]
    named = {
        name: path.name
        for path in files
        for name in re.findall(r"\bROOMTONE_SITE_[A-Z_]+\b", path.read_text(encoding="utf-8"))
    }
    assert {name: place for name, place in named.items() if name not in VARIABLES} == {}
    assert set(named) >= {PREFIX + name for name in KNOWN}


def test_settings_can_be_given_to_the_containers():
    passed = set(SERVICES["web"]["environment"])
    assert passed == VARIABLES - NOT_IN_COMPOSE
    assert f"{PREFIX}FOLDER=" in instruction("ENV")


def test_what_is_not_given_to_compose_is_as_the_site_has_it():
    containers = {
        name: filled_in(value, GIVEN) for name, value in SERVICES["web"]["environment"].items()
    }
    # Compose's own choices: the proxy is its own, and its database is no file.
    plain = {**GIVEN, f"{PREFIX}PROXY": "1", DATABASE: containers[DATABASE]}
    assert read_settings(containers) == read_settings(plain)


def read_settings(variables):
    """Read all settings in a process of their own, as the site does."""
    names = (
        *("SECRET_KEY", "ALLOWED_HOSTS", "BEHIND_PROXY", "API_REQUESTS_PER_MINUTE", "SIGN_UP"),
        *("API_TEXTS_PER_MINUTE", "EXPORT_API_DATA", "WORKER_LEASE", "SECURE_HSTS_SECONDS"),
        *("SECURE_SSL_REDIRECT", "YOUTUBE_API_KEY", "YOUTUBE_API_ENDPOINT", "DATABASES"),
    )
    script = (
        "from roomtone_site.config import settings\n"
        f"print({{name: getattr(settings, name) for name in {names}}})"
    )
    return program([sys.executable, "-c", script], variables).stdout


def environment(variables):
    """The variables of a container, in which nothing else is set."""
    others = {k: v for k, v in os.environ.items() if not k.startswith((PREFIX, "DJANGO_"))}
    others.pop(DATABASE, None)
    paths = os.pathsep.join([str(REPOSITORY / "src"), others.get("PYTHONPATH", "")])
    return {**others, "PYTHONPATH": paths, **variables}


def program(command, variables, **more):
    done = subprocess.run(
        command,
        env=environment(variables),
        capture_output=True,
        encoding="utf-8",
        check=False,
        **more,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def test_the_image_serves_as_the_page_says_and_as_the_site_itself_does():
    (told,) = re.findall(r"^granian ((?:.*\\\n)*.*)", OPERATE, re.MULTILINE)
    assert options(SERVE) == options(["granian", *shlex.split(told.replace("\\\n", " "))])
    own = list(_programs(SiteOptions(web_workers=2), "")[0].command)
    assert options(SERVE) == options(own[own.index("granian") :])


def test_what_compose_mounts_and_needs_is_there():
    mounted = {
        volume.split(":")[0]
        for service in SERVICES.values()
        for volume in service.get("volumes", [])
    }
    files = {name for name in mounted if name.startswith("./")}
    assert mounted - files == set(COMPOSE["volumes"])
    assert all((REPOSITORY / name).is_file() for name in files)
    for service in SERVICES.values():
        for needed, how in service.get("depends_on", {}).items():
            healthy = how["condition"] == "service_healthy"
            assert ("healthcheck" in SERVICES[needed]) if healthy else needed == "prepare"
    folder = dict(part.split("=") for part in instruction("ENV").split())[f"{PREFIX}FOLDER"]
    assert f"site:{folder}" in SERVICES["web"]["volumes"]
    assert f"--owner site {folder}" in instruction("RUN")


def test_the_image_copies_what_its_install_reads():
    lines = re.findall(r"^COPY (.*) \S+$", DOCKERFILE, re.MULTILINE)
    copied = {word for line in lines for word in line.split()}
    assert copied == {"pyproject.toml", "constraints.txt", "README.md", "LICENSE", "src"}
    assert all((REPOSITORY / name).exists() for name in copied)
    ignored = (REPOSITORY / ".dockerignore").read_text(encoding="utf-8").split()
    assert {".git", ".venv"} <= set(ignored)
    assert not copied & set(ignored)


def test_nothing_is_run_with_the_rights_of_root():
    lines = DOCKERFILE.splitlines()
    assert "USER site" in lines
    assert lines.index("USER site") > max(
        n for n, line in enumerate(lines) if line.startswith(("RUN", "COPY"))
    )


@pytest.mark.skipif(sys.platform == "win32", reason="the image's system is Linux")
def test_the_image_answers_and_its_own_check_says_so(tmp_path):
    variables = {
        name: filled_in(value, GIVEN)
        for name, value in SERVICES["web"]["environment"].items()
        if name != DATABASE
    } | {f"{PREFIX}FOLDER": str(tmp_path / "site"), "ROOMTONE_CACHE": str(tmp_path / "cache")}
    prepare = SERVICES["prepare"]["command"]
    assert prepare[0] == "roomtone"
    program([sys.executable, "-m", *prepare], variables, stdin=subprocess.DEVNULL)
    port = free_port()
    serve = [word.replace("0.0.0.0", "127.0.0.1").replace("8000", str(port)) for word in SERVE]
    server = subprocess.Popen([sys.executable, "-m", *serve], env=environment(variables))
    try:
        check = SERVICES["web"]["healthcheck"]["test"]
        assert check[:3] == ["CMD", "python", "-c"]
        asked = [sys.executable, "-c", check[3].replace(":8000", f":{port}")]
        known = {"env": environment(variables), "capture_output": True}
        wait_for(lambda: subprocess.run(asked, check=False, **known).returncode == 0, server)
        # Without HTTPS one is sent to it, as the proxy tells the site which was used.
        headers = {"Host": GIVEN["ROOMTONE_SITE_HOSTS"], "X-Forwarded-Proto": "https"}
        page = Request(f"http://127.0.0.1:{port}/accounts/log-in/", headers=headers)
        with urlopen(page, timeout=60) as answer:
            assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
            assert b"csrfmiddlewaretoken" in answer.read()
    finally:
        server.terminate()
        server.wait(120)
