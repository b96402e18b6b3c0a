from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from roomtone.engines import (
    RawScores,
    SentimentEngine,
    get_sentiment_engine,
    load_engine,
    save_engine,
)
from roomtone.engines.ensemble import EnsembleEngine, checked_weights
from roomtone.engines.manifest import seal
from roomtone.errors import CheckpointError, RoomtoneError
from roomtone.stats import Calibration

NAMES = ("negative", "neutral", "positive")
TEXTS = ["good great", "bad", "a b", "", "good bad bad"]
NUMBER = st.floats(0, 10)


class Constant(SentimentEngine):
    """Says the same of every text that has a word; leaves out a class that it thinks impossible."""

    def __init__(self, name: str, probs, *, classes=NAMES, **common) -> None:
        super().__init__(name, classes, **common)
        self.probs = np.array(probs, dtype=float)

    def raw(self, texts):
        with np.errstate(divide="ignore"):
            scores = np.log(np.tile(self.probs, (len(texts), 1)))
        return RawScores(scores, np.array([bool(text.strip()) for text in texts]))


SURE = Constant("sure", (0, 0, 1))
TORN = Constant("torn", (0.5, 0.1, 0.4), prior=(0.2, 0.2, 0.6))


def test_it_says_the_weighted_mean_of_what_its_engines_say():
    ensemble = EnsembleEngine({"sure": SURE, "torn": TORN}, {"sure": 1, "torn": 3})
    result = ensemble.analyze("whatever")
    assert list(result.probs.values()) == pytest.approx([0.375, 0.075, 0.55])
    assert (result.label, result.model) == ("Positive", "ensemble")


def test_calibrated_probabilities_are_what_is_averaged():
    doubt = Calibration("temperature", (0.5,) * 3, (0.0,) * 3)
    ensemble = EnsembleEngine({"a": TORN, "b": Constant("b", (0.5, 0.1, 0.4), calibration=doubt)})
    root = np.sqrt([0.5, 0.1, 0.4])
    golden = (np.array([0.5, 0.1, 0.4]) + root / root.sum()) / 2
    np.testing.assert_allclose(ensemble.predict_proba(["x"]), [golden])


def test_a_text_that_no_engine_knows_gets_the_mean_of_the_priors_and_a_flag():
    result = EnsembleEngine({"sure": SURE, "torn": TORN}).analyze(" ")
    assert not result.known
    assert list(result.probs.values()) == pytest.approx([4 / 15, 4 / 15, 7 / 15])


def test_a_class_that_every_engine_rules_out_stays_ruled_out():
    assert EnsembleEngine({"sure": SURE}).predict_proba(["x"]).tolist() == [[0, 0, 1]]


@given(st.lists(NUMBER, min_size=1, max_size=5).filter(lambda w: sum(w) > 0.001))
def test_probabilities_stay_between_those_of_the_engines(weights):
    models = {str(k): Constant(str(k), np.roll((0.7, 0.2, 0.1), k)) for k in range(len(weights))}
    found = EnsembleEngine(models, dict(zip(models, weights, strict=True))).predict_proba(["x"])
    each = np.stack([engine.predict_proba(["x"]) for engine in models.values()])
    assert (found >= each.min(axis=0) - 1e-12).all()
    assert (found <= each.max(axis=0) + 1e-12).all()
    np.testing.assert_allclose(found.sum(), 1)


@given(
    st.dictionaries(st.text(max_size=5), NUMBER, min_size=1).filter(
        lambda w: sum(w.values()) > 0.001
    )
)
def test_weights_keep_their_ratios_and_sum_to_one(weights):
    found = checked_weights(weights, dict.fromkeys(reversed(weights)))
    assert sum(found.values()) == pytest.approx(1)
    total = sum(weights.values())
    assert found == pytest.approx({name: value / total for name, value in weights.items()})
    assert list(found) == list(reversed(weights)), "in the order of the models"


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"sure": 1, "tron": 1}, "'tron' is none of the models.*did you mean 'torn'.*for 'torn'"),
        ({"sure": 1}, "no weight for 'torn'"),
        ({}, "no weight for 'sure'; no weight for 'torn'"),
        ({"sure": 1, "torn": 1, "other": 0}, "'other' is none of the models"),
        ({"sure": 1, "torn": -0.1}, "weight of 'torn' is -0.1, expected a number from 0"),
        ({"sure": float("nan"), "torn": 1}, "weight of 'sure' is nan"),
        ({"sure": float("inf"), "torn": 1}, "weight of 'sure' is inf"),
        ({"sure": "1", "torn": 1}, "weight of 'sure' is '1'"),
        ({"sure": True, "torn": 1}, "weight of 'sure' is True"),
        ({"sure": 0, "torn": 0.0}, "sum to 0, expected more than 0"),
        ({"sure": 1e308, "torn": 1e308}, "weight of 'sure' is 1e[+]308"),
        ({"sure": 10**400, "torn": 1}, "weight of 'sure' is 1000"),
        ({"sure": None, "torn": 1}, "weight of 'sure' is None"),
    ],
)
def test_weights_that_cannot_be_used_are_refused(weights, message):
    with pytest.raises(RoomtoneError, match=message):
        EnsembleEngine({"sure": SURE, "torn": TORN}, weights)


def test_engines_must_have_the_same_classes():
    other = Constant("other", (0.5, 0.5), classes=("bad", "good"))
    with pytest.raises(RoomtoneError, match=r"'sure' has negative, neutral.*'other' has bad, good"):
        EnsembleEngine({"sure": SURE, "other": other})


@pytest.mark.parametrize(
    ("base_models", "message"),
    [
        ([], "expected at least one engine"),
        ("svm", "expected a list of engines, found 'svm'"),
        ([SURE, SURE], "two engines are called 'sure'"),
        ([3], "expected names or engines, found int"),
        (["nonsense"], "unknown engine 'nonsense'"),
    ],
)
def test_base_models_that_are_none_are_refused(base_models, message):
    with pytest.raises(RoomtoneError, match=message):
        get_sentiment_engine("ensemble", base_models=base_models)


def test_engines_are_found_by_name_those_of_other_packages_too(plugin):
    get_sentiment_engine("lexicon", words={"marvellous": 2.0})
    ensemble = get_sentiment_engine(
        "ensemble", base_models=["lexicon", TORN], weights={"lexicon": 0.9, "torn": 0.1}
    )
    assert ensemble.weights == {"lexicon": 0.9, "torn": 0.1}
    assert ensemble.analyze("marvellous").label == "Positive"
    assert get_sentiment_engine("ensemble") is ensemble


def test_one_text_gives_what_it_gives_among_others(plugin):
    ensemble = EnsembleEngine({"words": plugin.LexiconEngine(), "torn": TORN, "sure": SURE})
    assert ensemble.batch_analyze(TEXTS) == [ensemble.analyze(text) for text in TEXTS]


def test_an_ensemble_may_be_a_part_of_another():
    inner = EnsembleEngine({"sure": SURE, "torn": TORN}, name="inner")
    outer = get_sentiment_engine("ensemble", base_models=[inner, SURE])
    np.testing.assert_allclose(outer.predict_proba(["x"]), [[0.125, 0.025, 0.85]])


@pytest.mark.parametrize("options", [{"weights": {"a": 1}}, {"base_models": [SURE]}])
def test_a_saved_one_has_its_engines_and_weights_already(options, tmp_path):
    with pytest.raises(RoomtoneError, match="or the model_path of a saved one"):
        get_sentiment_engine("ensemble", model_path=tmp_path, **options)


def test_without_a_saved_one_the_places_are_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RoomtoneError, match=r"looked in models/ensemble.*roomtone ensemble"):
        get_sentiment_engine("ensemble")


@pytest.fixture
def saved(plugin, tmp_path):
    models = {
        "my words": plugin.LexiconEngine(),
        "my_words": plugin.LexiconEngine({"good": -1.0}, prior=(0.5, 0.25, 0.25)),
        "Engine/β": plugin.LexiconEngine({"b": 3.0}),
    }
    engine = EnsembleEngine(models, {"my words": 0.2, "my_words": 0.5, "Engine/β": 0.3})
    return engine, save_engine(engine, tmp_path / "models" / "ensemble")


def test_it_comes_back_with_its_engines_as_it_was(saved, tmp_path, monkeypatch):
    engine, folder = saved
    again = load_engine(folder)
    assert again.weights == engine.weights
    np.testing.assert_array_equal(again.predict_proba(TEXTS), engine.predict_proba(TEXTS))
    assert sorted(path.name for path in folder.iterdir() if path.is_dir()) == [
        "Engine__", "my_words", "my_words_2",
    ]  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert get_sentiment_engine("ensemble").weights == engine.weights


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"models": ["my words"]}, "must hold the weights"),
        ({"weights": {"my words": 1.0}}, "must list the names of its models"),
        ({"models": "my words", "weights": {}}, "must list the names of its models"),
        ({"models": ["my words", "my words"], "weights": {}}, "must list the names"),
        ({"models": ["my words"], "weights": {"my words": -1.0}}, "expected a number from 0"),
        ({"models": ["my words"], "weights": {"other": 1.0}}, "'other' is none of the models"),
        ({"models": ["../x"], "weights": {"../x": 1.0}}, "lists no part ___x"),
        ({"models": [], "weights": {}}, "at least one engine"),
    ],
)
def test_settings_that_cannot_be_are_refused(saved, settings, message):
    path = saved[1] / "engine.json"
    path.write_text(json.dumps(seal({**json.loads(path.read_text()), "settings": settings})))
    with pytest.raises(CheckpointError, match=message):
        load_engine(saved[1])
