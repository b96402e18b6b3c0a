from __future__ import annotations

import numpy as np
import pytest

from roomtone.engines import RawScores, SentimentEngine
from roomtone.engines.validation import ValidationScores
from roomtone.errors import DataError, RoomtoneError

NAMES = ("negative", "neutral", "positive")
PRIOR = (0.5, 0.3, 0.2)


class Counter(SentimentEngine):
    """Counts `+` and `-`; knows no other sign."""

    def raw(self, texts):
        signs = np.array([[text.count("-"), 0, text.count("+")] for text in texts], dtype=float)
        return RawScores(signs, signs.any(axis=1))


@pytest.fixture
def engine() -> Counter:
    return Counter("counter", NAMES, prior=PRIOR)


def test_probabilities_are_a_softmax_of_the_scores_and_sum_to_one(engine):
    probs = engine.predict_proba(["++", "-", "+-"])
    np.testing.assert_allclose(probs.sum(axis=1), 1)
    np.testing.assert_allclose(probs[0], np.exp([0, 0, 2]) / (2 + np.exp(2)))
    assert engine.predict(["++", "-"]).tolist() == [2, 0]


@pytest.mark.parametrize("text", ["", "   ", "nothing known"])
def test_a_text_without_anything_known_gets_the_prior_and_a_flag(engine, text):
    result = engine.analyze(text)
    assert not result.known
    assert list(result.probs.values()) == pytest.approx(PRIOR)
    assert (result.label, result.score) == ("Negative", pytest.approx(0.5))


def test_one_text_gives_what_it_gives_among_others(engine):
    texts = ["+", "", "--+", "nothing"]
    assert engine.batch_analyze(texts) == [engine.analyze(text) for text in texts]


def test_no_texts_give_no_rows(engine):
    assert engine.predict_proba([]).shape == (0, 3)
    assert engine.batch_analyze([]) == []


def test_one_string_is_not_a_sequence_of_texts(engine):
    with pytest.raises(DataError, match="put it in a list"):
        engine.predict("good")


@pytest.mark.parametrize("value", [None, 3, float("nan"), b"bytes"])
def test_what_is_no_text_is_named_with_its_place(engine, value):
    with pytest.raises(DataError, match=r"text 1 is .*expected a string"):
        engine.batch_analyze(["+", value])


def test_texts_may_come_from_arrays(engine):
    assert engine.predict(np.array(["+", "-"])).tolist() == [2, 0]


def test_the_hardest_texts_are_left_undecided_when_asked_for(engine):
    texts = ["+" * n for n in range(1, 11)]
    engine.validation = ValidationScores.of(engine.predict_proba(texts), [2] * 10)
    undecided = [result.label is None for result in engine.batch_analyze(texts, abstain=0.3)]
    assert undecided == [True] * 3 + [False] * 7
    assert engine.analyze("+", abstain=0.3).best == "Positive"


def test_a_set_of_labels_comes_most_probable_first(engine):
    engine.validation = ValidationScores.of([[0.2, 0.5, 0.3]] * 99, [0] * 99)
    assert engine.analyze("+", error_rate=0.1).labels == ("Positive", "Negative", "Neutral")
    assert engine.analyze("+++", error_rate=0.1).labels == ("Positive",)
    assert engine.analyze("+++").labels == ()


@pytest.mark.parametrize("option", ["abstain", "error_rate"])
def test_without_validation_scores_both_options_are_refused(engine, option):
    with pytest.raises(RoomtoneError, match=f"{option}: engine 'counter' has no validation"):
        engine.analyze("+", **{option: 0.1})


@pytest.mark.parametrize("prior", [(0.5, 0.5), (0.5, 0.5, 0.5), (1.5, -0.5, 0), (np.nan, 0, 1)])
def test_a_prior_that_is_none_is_refused(prior):
    with pytest.raises(DataError, match="the prior must be 3 shares"):
        Counter("counter", NAMES, prior=prior)


@pytest.mark.parametrize("names", [(), ("one",), ("a", "a")])
def test_classes_must_be_two_or_more_and_differ(names):
    with pytest.raises(DataError, match="two or more classes"):
        Counter("counter", names)


def test_an_engine_that_says_nothing_of_files_cannot_be_saved(engine):
    with pytest.raises(RoomtoneError, match=r"'counter' .* cannot be saved"):
        engine.files()
