from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from roomtone.baselines import build_baseline
from roomtone.cli.main import main
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
    data = "\ufeffgreat film\r\n\nawful\u2028😡\x0cfilm\x85\n \r\ngreat\rfilm"
    done = predict(model, data=data.encode())
    assert done.returncode == 0, done.stderr
    lines = [line.split("\t") for line in done.stdout.decode().splitlines()]
    assert [(label, known, text) for label, _, known, text in lines] == [
        ("Positive", "known", "great film"),
        ("Positive", "unknown", ""),
        ("Negative", "known", "awful 😡 film"),
        ("Positive", "unknown", ""),
        ("Positive", "known", "great film"),
    ]


def test_json_has_a_line_for_each_line_and_says_what_is_known(model):
    done = predict(model, "--json", data=b"\ngreat film\n\n")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(row["text"], row["known"]) for row in rows] == [
        ("", False),
        ("great film", True),
        ("", False),
    ]


def test_no_text_at_all_is_a_mistake(model):
    done = predict(model, data=b"")
    assert done.returncode == 2
    assert b"no text: give one or more after MODEL" in done.stderr


def test_an_engine_without_validation_rows_says_that_it_cannot_abstain(model):
    done = predict(model, "film", "--abstain", "0.1")
    assert done.returncode == 2
    assert b"has no validation scores" in done.stderr


def test_a_model_that_is_nowhere_is_one_line(tmp_path):
    done = predict(tmp_path / "absent", "film")
    assert done.returncode == 2
    expected = f"{tmp_path / 'absent'}: no such folder, and no engine is called so"
    assert done.stderr.decode() == f"roomtone: {expected}\n"


def test_a_hybrid_by_its_name_is_the_newest_finished_run(
    tmp_path, monkeypatch, write_model, capsys
):
    for name, texts, second in (("newer", TEXTS, 2_000_000_000), ("older", ["a book"], 1)):
        write_model(tmp_path / "output" / name, texts)
        os.utime(tmp_path / "output" / name / "final_model.pt", (second, second))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("roomtone.engines.registry._recent", {})
    monkeypatch.delenv("ROOMTONE_MODELS", raising=False)
    shown = []
    for name in ("hybrid_dl", "output/newer"):
        assert main(["predict", name, "great film", "--json"]) == 0
        shown.append(capsys.readouterr().out)
    assert shown[0] == shown[1]
    assert main(["predict", "output/older", "great film", "--json"]) == 0
    assert capsys.readouterr().out != shown[0]


def test_an_engine_of_a_package_answers_by_its_name(by_name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["predict", "lexicon", "great"]) == 0
    assert capsys.readouterr().out.startswith("Positive\t")


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
