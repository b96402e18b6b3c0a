# ruff: noqa: N803 - `X` is scikit-learn's name
from __future__ import annotations

import numpy as np
import pytest
from numbers_as_words import NumbersAsWords
from sklearn.base import clone
from sklearn.ensemble import VotingClassifier
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import check_estimator, parametrize_with_checks
from sklearn.utils.metaestimators import available_if

from roomtone.baselines import BASELINES, TfidfSentiment, build_baseline
from roomtone.errors import DataError, RoomtoneError

GOOD = ["great film", "loved it so much", "what a great day", "lovely and great", "I love this"]
BAD = ["awful film", "hated it so much", "what an awful day", "boring and awful", "I hate this"]
TEXTS, LABELS = [*BAD, *GOOD] * 3, ["bad"] * 5 + ["good"] * 5
LABELS = LABELS * 3


class OfNumbers(NumbersAsWords, TfidfSentiment):
    """The same estimator for tables of numbers."""

    per_unit = 2

    def predict(self, X):
        return super().predict(self.words(X))

    @available_if(lambda self: self.model != "tfidf")
    def decision_function(self, X):
        return super().decision_function(self.words(X))

    @available_if(lambda self: self.model != "svm")
    def predict_proba(self, X):
        return super().predict_proba(self.words(X))


@parametrize_with_checks([OfNumbers(name) for name in BASELINES])
def test_it_passes_scikit_learns_checks_with_words_for_numbers(estimator, check):
    check(estimator)


@pytest.mark.parametrize("name", BASELINES)
@pytest.mark.filterwarnings("ignore:Can't test estimator")
def test_it_passes_those_checks_that_need_no_table_of_numbers(name):
    assert {check["status"] for check in check_estimator(TfidfSentiment(name))} == {"passed"}


@pytest.mark.parametrize("name", BASELINES)
def test_it_predicts_what_the_pipeline_does_that_it_stands_for(name):
    codes = [label == "good" for label in LABELS]
    ours = TfidfSentiment(name).fit(TEXTS, LABELS)
    theirs = build_baseline(name).fit(TEXTS, codes)
    unseen = ["great day", "awful day", "day"]
    np.testing.assert_array_equal(ours.predict(unseen) == "good", theirs.predict(unseen))
    for method in ("decision_function", "predict_proba"):
        assert hasattr(ours, method) == hasattr(theirs, method)
        if hasattr(ours, method):
            np.testing.assert_array_equal(
                getattr(ours, method)(unseen), getattr(theirs, method)(unseen)
            )


@pytest.mark.parametrize("name", BASELINES)
def test_it_takes_part_in_cross_validation(name):
    scores = cross_val_score(TfidfSentiment(name), TEXTS, LABELS, cv=3, scoring="f1_macro")
    assert scores.tolist() == [1.0] * 3


def test_it_takes_part_in_a_grid_search_over_models_within_a_pipeline():
    lowered = FunctionTransformer(lambda texts: [text.lower() for text in texts])
    search = GridSearchCV(
        Pipeline([("lower", lowered), ("model", TfidfSentiment())]),
        {"model__model": list(BASELINES), "model__max_ngram": [1, 2], "model__C": [0.1, 1.0]},
        cv=2,
    ).fit([text.upper() for text in TEXTS], LABELS)
    assert search.best_score_ == 1.0
    assert search.predict(["GREAT"]).tolist() == ["good"]


def test_it_takes_part_in_a_vote():
    members = [(name, TfidfSentiment(name)) for name in BASELINES]
    vote = VotingClassifier(members).fit(np.array(TEXTS), LABELS)
    assert vote.predict(np.array(["great", "awful"])).tolist() == ["good", "bad"]


def test_a_clone_has_the_parameters_and_nothing_learnt():
    fitted = TfidfSentiment("logreg", max_ngram=3, C=0.5, max_features=9).fit(TEXTS, LABELS)
    copy = clone(fitted)
    assert copy.get_params() == fitted.get_params()
    assert not hasattr(copy, "pipeline_")


@pytest.mark.parametrize(
    ("parameters", "features"),
    [
        ({"max_ngram": 1, "characters": False}, 19),
        ({"max_ngram": 1, "characters": False, "max_features": 4}, 4),
        ({"max_ngram": 1, "characters": False, "min_df": 6}, 11),
        ({"max_ngram": 2, "characters": True, "max_features": 10}, 20),
    ],
)
def test_parameters_say_which_features_there_are(parameters, features):
    model = TfidfSentiment("svm", **parameters).fit(TEXTS, LABELS)
    assert model.pipeline_["classifier"].n_features_in_ == features


@pytest.mark.parametrize(
    ("name", "parameters", "attribute", "value"),
    [
        ("logreg", {"C": 0.5}, "C", 0.5),
        ("svm", {"C": 0.5}, "C", 0.5),
        ("svm", {"balanced": False}, "class_weight", None),
        ("tfidf", {"alpha": 0.5}, "alpha", 0.5),
        ("tfidf", {"balanced": False}, "fit_prior", True),
        ("svm", {"random_state": 7}, "random_state", 7),
    ],
)
def test_parameters_reach_the_classifier(name, parameters, attribute, value):
    model = TfidfSentiment(name, **parameters).fit(TEXTS, LABELS)
    assert getattr(model.pipeline_["classifier"], attribute) == value


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"model": "svn"}, r"unknown baseline 'svn'.*did you mean 'svm'"),
        ({"max_ngram": 0}, r"max_ngram: found 0, expected 1 to 5"),
        ({"max_features": 0}, r"max_features: found 0, expected 1 or more"),
        ({"min_df": 0}, r"min_df: found 0, expected 1 or more"),
        ({"C": 0.0}, r"C: found 0\.0, expected a number above 0"),
        ({"alpha": float("nan")}, r"alpha: found nan"),
    ],
)
def test_parameters_out_of_range_are_refused_when_it_is_fitted(parameters, message):
    with pytest.raises(RoomtoneError, match=message):
        TfidfSentiment(**parameters).fit(TEXTS, LABELS)


def test_one_string_is_no_sequence_of_texts():
    with pytest.raises(DataError, match="put it in a list"):
        TfidfSentiment().fit("good", [1])
