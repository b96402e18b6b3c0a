from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roomtone.explain import explain_texts

PIECES = ["glim", "mirk", "song", "THE", "don't", "İglim", "ΣΑΣ", "😡", "<br>", "&amp;"]
PIECES += ["plod!!", "\x1c"]
comments = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), min_size=1, max_size=10)


@pytest.mark.parametrize("kind", ["svm", "logreg", "tfidf"])
@settings(max_examples=30)
@given(parts=comments)
def test_words_and_what_is_elsewhere_and_the_intercept_are_the_decision_value(engines, kind, parts):
    engine, text = engines[kind], " ".join(parts)
    (each,) = explain_texts(engine, [text], method="linear", target="positive")
    if not each.known or not each.words:
        return
    scores = engine.raw([text]).log_probs[0]
    total = each.scores.sum() + each.details["elsewhere"] + each.details["intercept"]
    assert total == pytest.approx(scores[2] - scores.mean(), abs=1e-5)
    assert each.details["sum"] == pytest.approx(total, abs=1e-9)


@pytest.mark.parametrize("kind", ["svm", "logreg"])
def test_each_feature_is_found_where_it_is_written(engines, kind):
    text = "The GLIM song, glim today"
    (each,) = explain_texts(engines[kind], [text], method="linear")
    features = {f["feature"]: f for f in each.details["features"] if f["kind"] == "phrase"}
    assert features["glim"]["places"] == [[4, 8], [15, 19]]
    for name, feature in features.items():
        for start, end in feature["places"]:
            assert text[start:end].lower().replace(", ", " ") == name
    for feature in each.details["features"]:
        if feature["kind"] == "characters":
            for start, end in feature["places"]:
                assert text[start:end].lower() == feature["feature"].strip()


def test_a_capital_that_grows_when_lowered_does_not_shift_what_follows(engines):
    (each,) = explain_texts(engines["svm"], ["İİİİ glim"], method="linear")
    assert each.written(int(each.scores.argmax())) == "glim"


def test_contributions_are_coefficient_times_value(engines):
    engine = engines["logreg"]
    (each,) = explain_texts(engine, ["glim"], method="linear", target="positive")
    column = engine.phrases.index("glim")
    row = engine.weights[column]
    assert each.scores[0] == pytest.approx(row[2] - row.mean())
    np.testing.assert_allclose(engine.features.transform(["glim"]).data, 1)
