from __future__ import annotations

import random
import subprocess
import sys
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roomtone.baselines import BASELINES, TfidfOptions, build_baseline
from roomtone.engines import load_engine, save_engine
from roomtone.engines.tfidf import TfidfEngine
from roomtone.errors import RoomtoneError
from roomtone.labels import SENTIMENT

WORDS = (
    ("awful", "hate", "boring", "don't", "no", "😡", ":("),
    ("film", "day", "it", "is", "the", "a", "…"),
    ("great", "love", "so", "good", "yes", "👍", ":)"),
)


def invent(count: int, seed: int, classes=(0, 1, 2)) -> tuple[list[str], list[int]]:
    source = random.Random(seed)
    labels = [classes[row % len(classes)] for row in range(count)]
    texts = [
        " ".join(source.choice(WORDS[source.choice((label, 1))]) for _ in range(8))
        for label in labels
    ]
    return texts, labels


def fitted(name, texts, labels, options=None):
    pipeline = build_baseline(name, options=options).fit(texts, labels)
    return pipeline, TfidfEngine.from_pipeline(pipeline, name, SENTIMENT, prior=(0.5, 0.3, 0.2))


def scores(pipeline, texts):
    """What scikit-learn makes of texts before it chooses or normalises."""
    if hasattr(pipeline["classifier"], "predict_joint_log_proba"):
        return pipeline["classifier"].predict_joint_log_proba(pipeline["features"].transform(texts))
    return pipeline.decision_function(texts)


OPTIONS = (
    TfidfOptions(),
    TfidfOptions(max_ngram=1, characters=False, max_features=12),
    TfidfOptions(max_ngram=3, characters=True, balanced=False),
)


@pytest.mark.parametrize("name", BASELINES)
@pytest.mark.parametrize("options", OPTIONS, ids=("default", "quick", "large"))
def test_scores_are_scikit_learns(name, options):
    pipeline, engine = fitted(name, *invent(300, 1), options)
    unseen = [*invent(3000, 2)[0], "unseen words", ""]
    raw = engine.raw(unseen)
    # A logistic regression in float32, as it is after float32 features, has errors of its own,
    # which stay where what it adds up nearly cancels.
    np.testing.assert_allclose(raw.log_probs, scores(pipeline, unseen), rtol=1e-5, atol=1e-4)
    assert raw.known[:-2].all()
    assert not raw.known[-1]
    known = np.flatnonzero(raw.known)
    predicted = pipeline.predict(unseen)
    assert (engine.predict(unseen)[known] == predicted[known]).mean() > 0.999


PIPELINES = {name: fitted(name, *invent(300, 1)) for name in BASELINES}


@pytest.mark.parametrize("name", BASELINES)
@settings(max_examples=100)
@given(
    texts=st.lists(st.text() | st.lists(st.sampled_from(sum(WORDS, ()))).map(" ".join), min_size=1)
)
def test_scores_of_any_text_are_scikit_learns(name, texts):
    pipeline, engine = PIPELINES[name]
    np.testing.assert_allclose(
        engine.raw(texts).log_probs, scores(pipeline, texts), rtol=1e-5, atol=1e-4
    )


@pytest.mark.parametrize("name", ["logreg", "tfidf"])
@pytest.mark.parametrize("classes", [(0, 1, 2), (0, 2)])
def test_probabilities_are_scikit_learns(name, classes):
    pipeline, engine = fitted(name, *invent(300, 1, classes))
    unseen = invent(200, 2)[0]
    expected = np.zeros((200, 3))
    expected[:, classes] = pipeline.predict_proba(unseen)
    np.testing.assert_allclose(engine.predict_proba(unseen), expected, atol=1e-5)


@pytest.mark.parametrize("name", BASELINES)
def test_a_class_without_training_rows_is_never_predicted(name):
    pipeline, engine = fitted(name, *invent(300, 1, (0, 2)))
    unseen = invent(200, 2)[0]
    np.testing.assert_array_equal(engine.predict(unseen), pipeline.predict(unseen))
    assert engine.predict_proba(unseen)[:, 1].max() < 1e-12


def test_two_classes_of_the_svm_are_opposites():
    pipeline, engine = fitted("svm", *invent(300, 1, (0, 2)))
    unseen = invent(50, 2)[0]
    decision = pipeline.decision_function(unseen)
    np.testing.assert_allclose(
        engine.raw(unseen).log_probs[:, [0, 2]],
        np.column_stack([-decision, decision]),
        rtol=1e-9,
        atol=1e-9,
    )


@pytest.mark.parametrize("name", BASELINES)
def test_it_comes_back_from_its_folder_to_the_last_bit(name, tmp_path):
    texts, labels = invent(300, 1)
    _, engine = fitted(name, [*texts, "half \ud83d pair"], [*labels, 0])
    again = load_engine(save_engine(engine, tmp_path / name))
    unseen = [*invent(200, 2)[0], "\ud83d", ""]
    np.testing.assert_array_equal(again.predict_proba(unseen), engine.predict_proba(unseen))


@pytest.mark.parametrize("name", BASELINES)
def test_it_is_fitted_again_by_its_recipe(name):
    texts, labels = invent(300, 1)
    options = TfidfOptions(max_ngram=1, min_df=2)
    pipeline = build_baseline(name, options=options, seed=7).fit(texts, labels)
    details = {"baseline": name, "seed": 7, **asdict(options)}
    engine = TfidfEngine.from_pipeline(pipeline, name, SENTIMENT, details=details)
    others, truth = invent(200, 3)
    again = engine.refit(others, np.array(truth))
    golden = build_baseline(name, options=options, seed=7).fit(others, truth)
    unseen = invent(50, 2)[0]
    np.testing.assert_allclose(
        again.raw(unseen).log_probs, scores(golden, unseen), rtol=1e-5, atol=1e-4
    )
    assert again.details == details
    np.testing.assert_allclose(again.prior, np.bincount(truth) / 200)


@pytest.mark.parametrize(
    ("details", "message"),
    [
        ({}, "cannot be fitted again from here"),
        ({"baseline": "logreg", "seed": 7, "novelty": 1}, "cannot be fitted again: .*novelty"),
        ({"baseline": "oracle", "seed": 7}, "unknown baseline 'oracle'"),
    ],
)
def test_without_a_usable_recipe_it_is_not_fitted_again(details, message):
    texts, labels = invent(30, 1)
    pipeline = build_baseline("logreg").fit(texts, labels)
    engine = TfidfEngine.from_pipeline(pipeline, "logreg", SENTIMENT, details=details)
    with pytest.raises(RoomtoneError, match=message):
        engine.refit(texts, np.array(labels))


def test_it_is_loaded_and_scores_without_scikit_learn(tmp_path):
    path = save_engine(PIPELINES["svm"][1], tmp_path / "svm")
    code = f"""
import sys
from roomtone import load_engine
print(load_engine({str(path)!r}).analyze("so good, love it").label)
print([name for name in ("sklearn", "torch", "pandas", "tokenizers") if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True
    )
    assert done.stdout == "Positive\n[]\n"
