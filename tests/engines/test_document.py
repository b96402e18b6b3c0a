"""The fragments of docs/engines.md and of the example, run as they stand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from roomtone.baselines import build_baseline
from roomtone.engines import engine_names, save_engine
from roomtone.engines.tfidf import TfidfEngine
from roomtone.labels import SENTIMENT

DOCS = Path(__file__).parents[2] / "docs"


def fragments(name: str) -> list[str]:
    text = (DOCS / name).read_text(encoding="utf-8")
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)


@pytest.fixture
def _a_saved_svm(tmp_path, monkeypatch):
    pipeline = build_baseline("svm").fit(["awful song", "a song", "lovely song"] * 3, [0, 1, 2] * 3)
    engine = TfidfEngine.from_pipeline(pipeline, "svm", SENTIMENT)
    save_engine(engine, tmp_path / "models" / "svm")
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("_a_saved_svm")
def test_the_page_on_engines_runs_as_it_stands(capsys):
    first, second = fragments("engines.md")
    exec(first, {})
    shown = capsys.readouterr().out
    assert shown.startswith("Positive 0.")
    assert shown.endswith("[2 0] (1, 3)\n")
    exec(second, {})
    assert "max_ngram" in capsys.readouterr().out


def test_the_page_names_every_engine():
    page = (DOCS / "engines.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in page for name in engine_names())


@pytest.mark.usefixtures("plugin")
def test_the_example_runs_as_its_page_shows_it(capsys):
    (fragment,) = fragments("example_engine/README.md")
    exec(fragment, {})
    assert capsys.readouterr().out.startswith("Positive (Negative 0.")
