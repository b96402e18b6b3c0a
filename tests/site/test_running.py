"""`roomtone site`, as a person runs it."""

from __future__ import annotations

import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from http.cookiejar import CookieJar
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import numpy as np
import pytest

from roomtone.baselines import TfidfOptions
from roomtone.engines import save_engine
from roomtone.engines.fitting import fit_pipeline
from roomtone.errors import DataError, RoomtoneError
from roomtone.labels import SENTIMENT
from roomtone_site.accounts.models import User
from roomtone_site.analysis.models import ModelVersion
from roomtone_site.running import account
from roomtone_site.running import model as model_step
from roomtone_site.running.account import first_account
from roomtone_site.running.model import STOPGAP, prepare_model

PASSWORD = "a-mild-evening-7"


@pytest.fixture
def engine():
    texts = ["lovely song", "boring talk", "a song and a talk"] * 4
    labels = np.array([2, 0, 1] * 4)
    return fit_pipeline("logreg", texts, labels, SENTIMENT, options=TfidfOptions(), seed=1)


@pytest.fixture
def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def start(clean_environment, tmp_path):
    """A function that starts `roomtone site`, without a corpus and without a network."""
    environment = clean_environment | {
        "ROOMTONE_CACHE": str(tmp_path / "cache"),
        "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
    }
    started = []

    def run(*arguments, **variables):
        process = subprocess.Popen(
            [sys.executable, "-m", "roomtone", "site", *map(str, arguments)],
            env=environment | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
        started.append(process)
        return process

    yield run
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def test_from_nothing_to_a_site_and_back(start, engine, free_port, tmp_path):
    save_engine(engine, tmp_path / "engine")
    process = start(
        "--port", free_port, "--user", "ana", "--sample", "--model", tmp_path / "engine"
    )
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "Ctrl-C" in line:
            break
    assert f"roomtone is at http://127.0.0.1:{free_port}/" in lines[-1], "".join(lines)
    browser = build_opener(HTTPCookieProcessor(CookieJar()))
    address = f"http://127.0.0.1:{free_port}"
    with browser.open(f"{address}/accounts/log-in/") as page:
        html = page.read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', html)[1]
    form = {"username": "ana", "password": PASSWORD, "csrfmiddlewaretoken": token, "next": ""}
    form["next"] = "/accounts/"
    with browser.open(f"{address}/accounts/log-in/", urlencode(form).encode()) as page:
        assert page.url == f"{address}/accounts/"
        assert "Comments: 66" in page.read().decode()
    database = sqlite3.connect(tmp_path / "site/site.sqlite3", timeout=20)
    deadline = time.monotonic() + 60
    while database.execute("SELECT state FROM analysis_analysis").fetchall() != [("done",)]:
        assert time.monotonic() < deadline, "the worker does not do the sample's analysis"
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=60)
    assert process.returncode == 0, rest
    assert rest.rstrip().endswith("roomtone has stopped.")
    assert "Traceback" not in rest
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", free_port)) != 0
    assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    database.close()


def test_a_port_that_is_taken(start):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        text, _ = start("--port", port).communicate(timeout=60)
    assert "choose another with --port" in text
    assert "Traceback" not in text


def test_a_site_for_others_needs_settings_of_its_own(start):
    process = start("--host", "0.0.0.0", "--prepare")
    text, _ = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "ROOMTONE_SITE_HOSTS" in text


@pytest.mark.parametrize(
    ("arguments", "variables"),
    [
        (["--debug"], {}),
        (["--debug"], {"ROOMTONE_SITE_SECRET_KEY": "k" * 50, "ROOMTONE_SITE_HOSTS": "a.example"}),
        ([], {"ROOMTONE_SITE_DEBUG": "1"}),
    ],
)
def test_a_site_that_is_debugged_is_for_no_others(start, arguments, variables):
    process = start("--host", "0.0.0.0", "--prepare", *arguments, **variables)
    text, _ = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "leave out --debug" in text


@pytest.mark.django_db
class TestTheFirstAccount:
    def test_it_is_made_by_name_with_a_password_that_is_shown_once(self, capsys, monkeypatch):
        monkeypatch.delenv(account.PASSWORD, raising=False)
        made = first_account("ana")
        shown = re.search(r"shown this once: (\S+)", capsys.readouterr().out)[1]
        assert made.check_password(shown)
        assert not made.is_superuser
        assert first_account("bob") is None

    def test_a_weak_password_is_refused(self, monkeypatch):
        monkeypatch.setenv(account.PASSWORD, "password")
        with pytest.raises(DataError, match="too common"):
            first_account("ana")
        assert not User.objects.exists()

    def test_on_a_terminal_it_is_asked_for_until_it_will_do(self, monkeypatch, capsys):
        passwords = iter(["short", "short", PASSWORD, PASSWORD])
        monkeypatch.setattr(account.sys.stdin, "isatty", lambda: True, raising=False)
        monkeypatch.setattr("builtins.input", lambda _: "ana")
        monkeypatch.setattr(account, "getpass", lambda _: next(passwords))
        assert first_account(None).check_password(PASSWORD)
        assert "too short" in capsys.readouterr().out

    def test_nobody_has_to_make_one(self, monkeypatch):
        assert first_account(None) is None
        monkeypatch.setattr(account.sys.stdin, "isatty", lambda: True, raising=False)
        monkeypatch.setattr("builtins.input", lambda _: " ")
        assert first_account(None) is None


@pytest.mark.django_db
class TestTheModel:
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path, settings, monkeypatch):
        settings.MODELS_FOLDER = tmp_path / "models"
        monkeypatch.setattr(model_step, "train_default", self.no_network)

    @staticmethod
    def no_network(folder, **_):
        raise DataError("the package cannot be downloaded")

    def test_without_the_corpus_there_is_a_stopgap_that_says_what_it_is(self):
        said = []
        prepare_model(None, said.append)
        prepare_model(None, said.append)
        version = ModelVersion.objects.get()
        assert (version.name, version.active, version.owner) == (STOPGAP, True, None)
        assert version.trained_on["train"]["rows"] == 66
        assert "cannot be downloaded" in said[0]
        assert "--model" in said[-1]

    def test_a_stopgap_gives_way_and_a_model_in_use_stays(self, monkeypatch, engine):
        trained = []
        prepare_model(None, trained.append)
        monkeypatch.setattr(
            model_step,
            "train_default",
            lambda folder, **_: trained.append(model_step.install(engine, "default", use=True)),
        )
        prepare_model(None, print)
        prepare_model(None, print)
        assert ModelVersion.objects.get(active=True) == trained[-1]
        assert ModelVersion.objects.count() == 2

    def test_a_model_of_ones_own(self, engine, tmp_path):
        prepare_model(save_engine(engine, tmp_path / "engine"), print)
        assert ModelVersion.objects.get(active=True).kind == "tfidf"
        with pytest.raises(RoomtoneError, match="nothing-here"):
            prepare_model(tmp_path / "nothing-here", print)
