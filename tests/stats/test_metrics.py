from __future__ import annotations

import json
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sk
from sklearn.exceptions import UndefinedMetricWarning

from roomtone.errors import DataError
from roomtone.stats import ClassificationMetrics, classification_metrics

CLASSES = 4
labels = st.integers(0, CLASSES - 1)
labelled_rows = st.lists(st.tuples(labels, labels), min_size=1, max_size=60)


def softmax(logits: np.ndarray) -> np.ndarray:
    exponents = np.exp(logits)
    return exponents / exponents.sum(axis=1, keepdims=True)


@given(labelled_rows)
def test_averages_equal_those_of_scikit_learn_even_where_classes_are_absent(rows):
    true, predicted = np.array(rows).T
    ours = classification_metrics(true, predicted, CLASSES)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UndefinedMetricWarning)
        for average in ("macro", "micro", "weighted"):
            expected = sk.f1_score(true, predicted, average=average, zero_division=0)
            assert getattr(ours, f"f1_{average}") == pytest.approx(expected)
        precision, recall, _, _ = sk.precision_recall_fscore_support(
            true, predicted, average="macro", zero_division=0
        )
    assert (ours.precision_macro, ours.recall_macro) == pytest.approx((precision, recall))
    assert ours.accuracy == pytest.approx(sk.accuracy_score(true, predicted))


@given(labelled_rows)
def test_per_class_values_equal_those_of_scikit_learn(rows):
    true, predicted = np.array(rows).T
    ours = classification_metrics(true, predicted, CLASSES)
    expected = sk.precision_recall_fscore_support(
        true, predicted, labels=range(CLASSES), zero_division=0
    )
    for values, golden in zip(
        (ours.precision, ours.recall, ours.f1, ours.support), expected, strict=True
    ):
        assert values == pytest.approx(tuple(golden))


@given(labelled_rows)
def test_kappa_and_mcc_equal_those_of_scikit_learn_where_defined(rows):
    true, predicted = np.array(rows).T
    ours = classification_metrics(true, predicted, CLASSES)
    if len({*true, *predicted}) > 1:
        assert ours.mcc == pytest.approx(sk.matthews_corrcoef(true, predicted), abs=1e-12)
        expected = sk.cohen_kappa_score(true, predicted)
        assert ours.cohen_kappa == pytest.approx(expected, abs=1e-12)


def test_kappa_is_zero_without_a_warning_when_there_is_one_class():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ours = classification_metrics([2, 2, 2], [2, 2, 2], 3)
    assert (ours.cohen_kappa, ours.mcc, ours.f1_macro, ours.accuracy) == (0.0, 0.0, 1.0, 1.0)


def test_probability_metrics_equal_those_of_scikit_learn():
    generator = np.random.default_rng(3)
    true = generator.integers(0, CLASSES, 400)
    probs = softmax(generator.normal(size=(400, CLASSES)))
    ours = classification_metrics(true, probs.argmax(axis=1), CLASSES, probs)
    assert ours.log_loss == pytest.approx(sk.log_loss(true, probs))
    one_hot = np.eye(CLASSES)[true]
    assert ours.brier == pytest.approx(((probs - one_hot) ** 2).sum(axis=1).mean())


def test_two_class_brier_is_twice_the_one_of_scikit_learn():
    generator = np.random.default_rng(4)
    true, positive = generator.integers(0, 2, 100), generator.random(100)
    probs = np.column_stack([1 - positive, positive])
    ours = classification_metrics(true, probs.argmax(axis=1), 2, probs)
    assert ours.brier == pytest.approx(2 * sk.brier_score_loss(true, positive))


def test_a_certain_mistake_costs_a_finite_log_loss():
    ours = classification_metrics([0], [1], 2, [[0.0, 1.0]])
    assert ours.log_loss == pytest.approx(sk.log_loss([0], [[0.0, 1.0]], labels=[0, 1]))


def test_without_probabilities_their_metrics_are_none():
    ours = classification_metrics([0, 1], [0, 1], 2)
    assert (ours.log_loss, ours.brier, ours.ece) == (None, None, None)


@given(labelled_rows)
def test_metrics_survive_json(rows):
    ours = classification_metrics(*np.array(rows).T, CLASSES)
    names = ["worst", "bad", "good", "best"]
    for values in (ours.to_dict(), ours.to_dict(names)):
        assert ClassificationMetrics.from_dict(json.loads(json.dumps(values))) == ours


def test_per_class_values_are_keyed_by_name():
    values = classification_metrics([0, 1, 1], [0, 1, 0], 2).to_dict(["bad", "good"])
    assert values["support"] == {"bad": 1, "good": 2}
    assert values["recall"] == {"bad": 1.0, "good": 0.5}
    assert values["confusion"] == [[1, 0], [1, 1]]


def test_a_wrong_number_of_class_names_is_refused():
    with pytest.raises(DataError, match="1 class names for 2 classes"):
        classification_metrics([0, 1], [0, 1], 2).to_dict(["bad"])


def test_metrics_with_a_missing_field_name_it():
    values = classification_metrics([0, 1], [0, 1], 2).to_dict()
    del values["mcc"]
    with pytest.raises(DataError, match="without mcc"):
        ClassificationMetrics.from_dict(values)


@pytest.mark.parametrize(
    ("probs", "complaint"),
    [
        ([[2.0, -1.0]], r"row 0 .*pass a softmax"),
        ([[0.5, 0.4]], "must sum to 1"),
        ([[float("nan"), 1.0]], "row 0"),
        ([[1.0]], r"\[1, 2\], found \[1, 1\]"),
    ],
)
def test_values_that_are_no_probabilities_are_refused(probs, complaint):
    with pytest.raises(DataError, match=complaint):
        classification_metrics([0], [0], 2, probs)
