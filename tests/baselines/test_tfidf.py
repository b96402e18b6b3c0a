from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.svm import LinearSVC

from roomtone.baselines import BASELINES, build_baseline, evaluate_baseline
from roomtone.errors import DataError, RoomtoneError

GOOD = ["great film", "loved it so much", "what a great day", "lovely and great", "I love this"]
BAD = ["awful film", "hated it so much", "what an awful day", "boring and awful", "I hate this"]
FAIR = ["it is a film", "seen it once", "a day like any other", "neither here nor there", "okay"]
TEXTS = [*BAD, *FAIR, *GOOD] * 2
LABELS = [0] * 5 + [1] * 5 + [2] * 5
LABELS = LABELS * 2


@pytest.mark.parametrize(
    ("name", "kind"),
    [("logreg", LogisticRegression), ("svm", LinearSVC), ("tfidf", MultinomialNB)],
)
def test_each_name_builds_the_classifier_that_it_promises(name, kind):
    assert isinstance(build_baseline(name).named_steps["classifier"], kind)


@pytest.mark.parametrize("name", BASELINES)
def test_a_baseline_learns_what_words_say(name):
    model = build_baseline(name).fit(TEXTS, LABELS)
    assert model.predict(["great and lovely", "awful, boring"]).tolist() == [2, 0]


@pytest.mark.parametrize("name", BASELINES)
def test_two_fits_with_one_seed_are_the_same(name):
    first, second = (build_baseline(name, seed=7).fit(TEXTS, LABELS) for _ in range(2))
    score = "decision_function" if name == "svm" else "predict_proba"
    np.testing.assert_array_equal(getattr(first, score)(TEXTS), getattr(second, score)(TEXTS))


@pytest.mark.parametrize("name", BASELINES)
def test_the_classes_weigh_the_same_however_rare_they_are(name):
    """Of a text that says nothing, no class is likelier because it has more rows."""
    model = build_baseline(name).fit(["alpha"] * 90 + ["omega"] * 10, [0] * 90 + [1] * 10)
    if name == "svm":
        assert model.decision_function(["zzz"]) == pytest.approx(0.0, abs=0.2)
    else:
        np.testing.assert_allclose(model.predict_proba(["zzz"]), 0.5, atol=0.02)


@pytest.mark.parametrize("name", BASELINES)
def test_marks_emoji_and_one_letter_words_are_features(name):
    model = build_baseline(name).fit(TEXTS, LABELS)
    words = model.named_steps["features"]
    words = words if isinstance(words, TfidfVectorizer) else words.transformer_list[0][1]
    assert words.build_analyzer()("I don't 😡!") == [
        *["i", "don't", "😡", "!"],
        *["i don't", "don't 😡", "😡 !"],
    ]


@pytest.mark.parametrize("name", BASELINES)
def test_evaluation_scores_the_test_rows(name):
    metrics = evaluate_baseline(name, TEXTS, LABELS, [*GOOD, *BAD], [2] * 5 + [0] * 5, 3)
    assert metrics.n == 10
    assert metrics.accuracy == 1.0
    assert (metrics.log_loss is None) == (name == "svm")


@pytest.mark.parametrize("name", BASELINES)
def test_a_class_without_training_rows_is_scored_as_never_predicted(name):
    metrics = evaluate_baseline(
        name, [*BAD, *GOOD], [0] * 5 + [2] * 5, [*BAD, *FAIR], [0] * 5 + [1] * 5, 3
    )
    assert metrics.recall[1] == 0.0
    assert metrics.support == (5, 5, 0)


@pytest.mark.parametrize("name", BASELINES)
def test_training_rows_of_one_class_are_refused(name):
    with pytest.raises(DataError, match=f"{name}.*at least two classes, found \\[1\\]"):
        evaluate_baseline(name, GOOD, [1] * 5, GOOD, [1] * 5, 3)


@pytest.mark.parametrize("name", BASELINES)
def test_texts_without_a_word_are_refused(name):
    with pytest.raises(DataError, match=f"{name}.*cannot be fitted"):
        evaluate_baseline(name, ["", " "], [0, 1], ["a"], [0], 2)


def test_an_unknown_name_gets_a_suggestion():
    with pytest.raises(RoomtoneError, match=r"unknown baseline 'logrge'.*did you mean 'logreg'"):
        build_baseline("logrge")


def test_importing_the_package_does_not_import_scikit_learn():
    code = "import sys, roomtone.baselines; sys.exit('sklearn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
