"""The fragments of docs/engines.md and of the example, run as they stand."""

from __future__ import annotations

from pathlib import Path

import pytest
from doc_pages import ROOT, blocks, page

from roomtone.baselines import build_baseline
from roomtone.engines import engine_names, load_engine, save_engine
from roomtone.engines.tfidf import TfidfEngine
from roomtone.labels import SENTIMENT

PAGE = page("engines.md")


@pytest.fixture
def _a_saved_svm(tmp_path, monkeypatch):
    pipeline = build_baseline("svm").fit(["awful song", "a song", "lovely song"] * 3, [0, 1, 2] * 3)
    engine = TfidfEngine.from_pipeline(pipeline, "svm", SENTIMENT)
    save_engine(engine, tmp_path / "models" / "svm")
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("_a_saved_svm")
def test_the_page_on_engines_runs_as_it_stands(capsys):
    Path("configs").symlink_to(ROOT / "configs")
    names: dict[str, object] = {}
    printed = []
    for _, code in blocks(PAGE, "python"):
        exec(code, names)
        printed.append(capsys.readouterr().out)
    scored, searched, trained = printed
    assert scored.startswith("Positive 0.")
    assert scored.endswith("[2 0] (1, 3)\n")
    assert "max_ngram" in searched
    assert trained.startswith("[")
    assert list(load_engine("models/network").predict(["so good"])) == [1]


def test_the_page_names_every_engine():
    assert all(f"`{name}`" in PAGE for name in engine_names())


@pytest.mark.usefixtures("plugin")
def test_the_example_runs_as_its_page_shows_it(capsys):
    ((_, fragment),) = blocks(page("example_engine/README.md"), "python")
    exec(fragment, {})
    assert capsys.readouterr().out.startswith("Positive (Negative 0.")
