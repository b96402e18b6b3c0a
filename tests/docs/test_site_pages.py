"""What `docs/run_the_site.md`, `docs/operate.md` and `compose.yaml` say of the site is so."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
import yaml
from doc_pages import ROOT, blocks, commands, page

pytest.importorskip("django", reason="the site needs: pip install 'roomtone[site]'")

from django.core.management import get_commands, load_command_class

from roomtone.cli import site
from roomtone.cli.parser import Parser
from roomtone_site.comments.columns import NAMES, TEXT_NAMES
from roomtone_site.config.environment import (
    DATABASE,
    KNOWN,
    PREFIX,
    YOUTUBE_ENDPOINT,
    YOUTUBE_KEY,
)

RUN, OPERATE = map(page, ("run_the_site.md", "operate.md"))
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
VARIABLES = {DATABASE, YOUTUBE_KEY, YOUTUBE_ENDPOINT, *(PREFIX + name for name in KNOWN)}


def commands_in(text):
    found = [words for _, block in blocks(text, "bash") for words in commands(block)]
    return [words for words in found if "manage.py" in " ".join(words)]


def test_every_setting_stands_in_the_table_and_no_other():
    told = re.findall(r"^\| `([A-Z_]+)` \|", OPERATE, re.MULTILINE)
    assert sorted(told) == sorted(VARIABLES)


def test_every_flag_that_is_told_exists():
    parser = Parser()
    site.add_arguments(parser)
    told = re.findall(r"^\| `(--\w+)", RUN, re.MULTILINE)
    assert len(told) == 7
    assert set(told) <= set(parser._option_string_actions)


def test_every_column_that_is_known_is_told():
    told = set(re.findall(r"`(\w+)`", RUN))
    assert {*TEXT_NAMES, *(name for names in NAMES.values() for name in names)} <= told


@pytest.mark.parametrize("text", [RUN, OPERATE], ids=["run", "operate"])
def test_every_command_that_is_told_exists(text):
    named = re.findall(r"(?:roomtone_site|manage\.py) ([a-z_]+)", text)
    assert named
    assert set(named) <= set(get_commands())


def test_the_commands_do_what_the_page_says(tmp_path):
    kept = {k: v for k, v in os.environ.items() if not k.startswith((PREFIX, "DJANGO_"))}
    environment = kept | {
        "ROOMTONE_SITE_FOLDER": str(tmp_path / "site"),
        "ROOMTONE_CACHE": str(tmp_path / "cache"),
        "DJANGO_SUPERUSER_PASSWORD": "a-mild-evening-7",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), kept.get("PYTHONPATH", "")]),
    }
    (tmp_path / "comments.csv").write_text(
        "text,likes,label\nLovely,3,positive\nHm,0,\n,1,neutral\n", encoding="utf-8"
    )
    first = [["manage.py", "migrate", "-v0"]]
    first += [["manage.py", "createsuperuser", "--noinput", "--username=a", "--email=a@b.example"]]
    told = [words[1:] for words in commands_in(RUN) if words[0] == "python"]
    assert [words[1] for words in told] == ["load_sample", "import_comments", "export_labeled"]
    said = ""
    for words in first + told:
        done = subprocess.run(
            [sys.executable, ROOT / "backend" / words[0], *words[1:]],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == 0, f"{words}: {done.stderr}"
        said += done.stdout + done.stderr
    assert "3 rows: 2 comments are new" in said
    assert "line 4: empty text" in said
    assert (tmp_path / "data" / "train.csv").read_text(encoding="utf-8").startswith("text,label\n")


def test_compose_sets_what_is_known_and_invents_no_secret():
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    for name, service in COMPOSE["services"].items():
        if service.get("image") == "roomtone-site":
            assert set(service["environment"]) <= VARIABLES, name
    for secret in ("ROOMTONE_SITE_SECRET_KEY", "POSTGRES_PASSWORD", "ROOMTONE_SITE_HOSTS"):
        assert f"${{{secret}:?" in text
        assert f"${{{secret}:-" not in text
        assert f"\n{secret}=" in OPERATE


def test_what_compose_runs_exists():
    scripts = " ".join(
        word for service in COMPOSE["services"].values() for word in service.get("command", [])
    )
    named = set(re.findall(r"-m roomtone_site (\w+)", scripts))
    assert named == {"worker"}
    for name in named:
        load_command_class(get_commands()[name], name)
    assert COMPOSE["services"]["prepare"]["command"] == ["roomtone", "site", "--prepare"]
