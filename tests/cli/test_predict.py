from __future__ import annotations

import os
import subprocess
import sys

import pytest

from roomtone.baselines import build_baseline
from roomtone.engines import save_engine
from roomtone.engines.tfidf import TfidfEngine
from roomtone.labels import SENTIMENT

TEXTS = ["awful film", "a film", "great film"] * 3


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    pipeline = build_baseline("logreg").fit(TEXTS, [0, 1, 2] * 3)
    engine = TfidfEngine.from_pipeline(pipeline, "logreg", SENTIMENT, prior=(0.2, 0.3, 0.5))
    return save_engine(engine, tmp_path_factory.mktemp("models") / "logreg")


def predict(*arguments, data: bytes = b""):
    return subprocess.run(
        [sys.executable, "-m", "roomtone", "predict", *map(str, arguments)],
        input=data,
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        check=False,
    )


def test_lines_of_the_standard_input_are_texts(model):
    done = predict(model, data="\ufeffgreat film\r\n\nawful 😡 film\n".encode())
    assert done.returncode == 0, done.stderr
    lines = [line.split("\t") for line in done.stdout.decode().splitlines()]
    assert [(line[0], line[-1]) for line in lines] == [
        ("Positive", "great film"),
        ("Negative", "awful 😡 film"),
    ]


def test_no_text_at_all_is_a_mistake(model):
    done = predict(model, data=b"\n \n")
    assert done.returncode == 2
    assert b"no text: give one or more after MODEL" in done.stderr


def test_an_engine_without_validation_rows_says_that_it_cannot_abstain(model):
    done = predict(model, "film", "--abstain", "0.1")
    assert done.returncode == 2
    assert b"has no validation scores" in done.stderr


def test_a_model_that_is_nowhere_is_one_line(tmp_path):
    done = predict(tmp_path / "absent", "film")
    assert done.returncode == 2
    assert done.stderr.decode() == f"roomtone: {tmp_path / 'absent'}: no such folder\n"


@pytest.mark.skipif(os.name == "nt", reason="needs a terminal of POSIX")
def test_a_terminal_shows_a_bar_for_each_class(model):
    import pty

    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "roomtone", "predict", model, "great film", "zzz"]
    done = subprocess.run(
        command, stdout=theirs, env={**os.environ, "PYTHONIOENCODING": "utf-8"}, check=True
    )
    os.close(theirs)
    shown = os.read(ours, 65_536).decode().replace("\r\n", "\n")
    os.close(ours)
    assert done.returncode == 0
    first, second = shown.strip().split("\n\n")
    assert first.splitlines()[:2] == ["great film", "  Positive"]
    assert first.splitlines()[2].startswith("  Negative █")
    assert "nothing in the text is known" in second
    assert second.endswith(f"{'█' * 12}{'░' * 12}  50.0%")
