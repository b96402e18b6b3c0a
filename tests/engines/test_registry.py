from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import roomtone
from roomtone.engines import engine_names, get_sentiment_engine, load_engine, save_engine
from roomtone.engines.hybrid import HybridDLSentimentEngine
from roomtone.engines.tfidf import TfidfEngine
from roomtone.errors import CheckpointError, RoomtoneError
from roomtone.labels import SENTIMENT


def test_an_unknown_name_is_an_error_that_lists_the_names_and_suggests_one():
    with pytest.raises(RoomtoneError, match=r"known: logreg, svm, tfidf.*did you mean 'logreg'"):
        get_sentiment_engine("logrge")


def test_an_engine_of_an_installed_package_is_found_by_name(plugin):
    assert "lexicon" in engine_names()
    engine = get_sentiment_engine("lexicon", words={"marvellous": 2.0})
    assert isinstance(engine, plugin.LexiconEngine)
    assert engine.analyze("what a marvellous evening").label == "Positive"


def test_an_engine_of_an_installed_package_is_saved_and_loaded(plugin, tmp_path):
    engine = get_sentiment_engine("lexicon", words={"marvellous": 2.0})
    again = load_engine(save_engine(engine, tmp_path / "lexicon"))
    assert again.analyze("marvellous") == engine.analyze("marvellous")


def test_an_unknown_option_is_an_error_with_the_nearest(plugin):
    with pytest.raises(RoomtoneError, match=r"'logreg' has no option 'model_pth'.*'model_path'"):
        get_sentiment_engine("logreg", model_pth="x")


def test_without_options_the_engine_obtained_last_under_the_name_comes_again(plugin):
    first = get_sentiment_engine("lexicon", words={"marvellous": 2.0})
    assert get_sentiment_engine("lexicon") is first


def linear(name: str, **options) -> TfidfEngine:
    """Make a baseline that knows one word."""
    numbers = {"idf": np.ones(1, np.float32), "weights": np.eye(1, 3), "intercept": np.zeros(3)}
    return TfidfEngine(name, SENTIMENT, phrases=["word"], runs=[], **numbers, **options)


def test_a_saved_engine_is_looked_for_where_the_documentation_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("models", "chosen"):
        save_engine(linear(name), tmp_path / name / "logreg")
    monkeypatch.setattr("roomtone.engines.registry._recent", {})
    assert get_sentiment_engine("logreg").name == "models"
    monkeypatch.setattr("roomtone.engines.registry._recent", {})
    monkeypatch.setenv("ROOMTONE_MODELS", str(tmp_path / "chosen"))
    assert get_sentiment_engine("logreg").name == "chosen"
    found = get_sentiment_engine("logreg", model_path=tmp_path / "models" / "logreg")
    assert found.name == "models"


@pytest.mark.parametrize("name", ["svm", "ensemble", "stacking", "onnx", "hybrid_dl"])
def test_a_saved_engine_of_another_kind_is_refused_and_not_kept(
    plugin, tmp_path, monkeypatch, name
):
    monkeypatch.chdir(tmp_path)
    folder = save_engine(plugin.LexiconEngine(), tmp_path / "words")
    message = rf"words: asked for '{name}', .*'lexicon', is of kind 'lexicon', not .*load_engine\("
    with pytest.raises(CheckpointError, match=message):
        get_sentiment_engine(name, model_path=folder)
    with pytest.raises(RoomtoneError, match=f"no saved engine '{name}'"):
        get_sentiment_engine(name)
    assert load_engine(folder).name == "lexicon"


def test_a_network_is_told_from_a_baseline_by_its_class_too(tmp_path):
    folder = save_engine(linear("svm"), tmp_path / "svm")
    with pytest.raises(CheckpointError, match=r"'hybrid_dl'.* is of kind 'tfidf', not 'hybrid'"):
        HybridDLSentimentEngine(folder)


def test_another_baseline_is_refused_where_the_folder_records_which_it_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save_engine(linear("mine", details={"baseline": "logreg"}), tmp_path / "models" / "svm")
    for options in ({}, {"model_path": "models/svm"}):
        with pytest.raises(CheckpointError, match=r"asked for 'svm'.*'mine', is .* 'logreg'; use"):
            get_sentiment_engine("svm", **options)
    assert get_sentiment_engine("logreg", model_path="models/svm").name == "mine"


def test_an_engine_that_is_nowhere_says_where_it_was_looked_for(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        RoomtoneError, match=r"looked in models/svm.*roomtone fit-baseline svm --train_csv"
    ):
        get_sentiment_engine("svm")


def point_to(site, value):
    info = site / "stranger-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stranger\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[roomtone.engines]\nstranger = {value}\n")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("absent_module:build", "of the package 'stranger' cannot be imported.*absent_module"),
        ("math:pi", "'stranger' is no callable"),
        ("builtins:list", "'stranger' gave list, expected a SentimentEngine"),
    ],
)
def test_a_package_whose_entry_point_is_no_engine_is_named(tmp_path, monkeypatch, value, message):
    point_to(tmp_path, value)
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(RoomtoneError, match=message):
        get_sentiment_engine("stranger")


def test_the_package_itself_offers_the_engines():
    assert roomtone.get_sentiment_engine is get_sentiment_engine
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = roomtone.nonsense


def test_engines_are_imported_without_a_framework():
    code = (
        "import sys, roomtone; print('numpy' in sys.modules); roomtone.get_sentiment_engine;"
        "print([n for n in ('torch', 'sklearn', 'onnxruntime', 'pandas') if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True
    )
    assert done.stdout == "False\n[]\n"
