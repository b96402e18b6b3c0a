from __future__ import annotations

import numpy as np
import pytest

from roomtone.engines import (
    RawScores,
    SentimentEngine,
    get_sentiment_engine,
    load_engine,
    save_engine,
)
from roomtone.engines.stacking import StackingEngine, features
from roomtone.errors import CheckpointError, RoomtoneError
from roomtone.stats.logistic import LogisticModel

NAMES = ("negative", "neutral", "positive")
TEXTS = ["good great", "bad", "a b", "", "good bad bad"]


class Fixed(SentimentEngine):
    """Says the same of every text."""

    def __init__(self, probs) -> None:
        super().__init__("fixed", NAMES, prior=(0.2, 0.3, 0.5))
        self.probs = np.array(probs, dtype=float)

    def raw(self, texts):
        with np.errstate(divide="ignore"):
            scores = np.log(np.tile(self.probs, (len(texts), 1)))
        return RawScores(scores, np.ones(len(texts), dtype=bool))


def test_it_is_a_linear_model_of_the_logarithms():
    models = {"a": Fixed((0.7, 0.2, 0.1)), "b": Fixed((0.3, 0.3, 0.4))}
    # The product of the two, the second one squared.
    meta = LogisticModel(np.hstack([np.eye(3), 2 * np.eye(3)]), np.zeros(3))
    golden = np.array([0.7 * 0.3**2, 0.2 * 0.3**2, 0.1 * 0.4**2])
    probs = StackingEngine(models, meta).predict_proba(["x", "y"])
    np.testing.assert_allclose(probs, [golden / golden.sum()] * 2)


def test_a_probability_of_zero_is_a_feature_as_good_as_any():
    assert np.isfinite(features(np.array([[[0.0, 0.0, 1.0]]]))).all()


def test_a_logistic_model_for_other_engines_is_refused():
    meta = LogisticModel(np.zeros((3, 6)), np.zeros(3))
    with pytest.raises(
        RoomtoneError, match=r"1 engines with 3 classes .* \[3, 3\], found \[3, 6\]"
    ):
        StackingEngine({"a": Fixed((1, 0, 0))}, meta)


@pytest.fixture
def saved(plugin, tmp_path):
    models = {"words": plugin.LexiconEngine(), "letters": plugin.LexiconEngine({"a": 1.0})}
    generator = np.random.default_rng(0)
    engine = StackingEngine(
        models, LogisticModel(generator.normal(size=(3, 6)), generator.normal(size=3))
    )
    return engine, save_engine(engine, tmp_path / "models" / "stacking")


def test_it_comes_back_with_its_engines_as_it_was(saved, tmp_path, monkeypatch):
    engine, folder = saved
    assert engine.describe().endswith("that 2 engines give: words, letters.")
    probs = engine.predict_proba(TEXTS)
    np.testing.assert_array_equal(load_engine(folder).predict_proba(TEXTS), probs)
    monkeypatch.chdir(tmp_path)
    np.testing.assert_array_equal(get_sentiment_engine("stacking").predict_proba(TEXTS), probs)


def test_one_text_gives_what_it_gives_among_others(saved):
    engine, _ = saved
    assert engine.batch_analyze(TEXTS) == [engine.analyze(text) for text in TEXTS]


def test_an_altered_part_is_refused(saved):
    path = saved[1] / "letters" / "words.json"
    path.write_text('{"a": 2.0}')
    with pytest.raises(CheckpointError, match=r"letters.words\.json is damaged or was altered"):
        load_engine(saved[1])


def test_without_a_saved_one_the_places_are_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RoomtoneError, match=r"looked in models/stacking.*roomtone ensemble"):
        get_sentiment_engine("stacking")
