from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sk

from roomtone.errors import DataError
from roomtone.stats import SCORES, confusion_matrix

CLASSES = 4
labels = st.integers(0, CLASSES - 1)
labelled_rows = st.lists(st.tuples(labels, labels), min_size=1, max_size=60)


def columns(rows: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    table = np.array(rows)
    return table[:, 0], table[:, 1]


@given(labelled_rows)
def test_the_matrix_equals_that_of_scikit_learn(rows):
    true, predicted = columns(rows)
    expected = sk.confusion_matrix(true, predicted, labels=range(CLASSES))
    np.testing.assert_array_equal(confusion_matrix(true, predicted, CLASSES), expected)


@given(labelled_rows, labelled_rows)
def test_a_stack_of_matrices_scores_like_each_alone(first, second):
    matrices = [confusion_matrix(*columns(rows), CLASSES) for rows in (first, second)]
    for score in SCORES.values():
        stacked = score(np.stack(matrices))
        np.testing.assert_allclose(stacked, [score(matrix) for matrix in matrices], atol=1e-12)


@given(labelled_rows, st.permutations(range(CLASSES)))
def test_renaming_the_classes_changes_no_score(rows, renaming):
    true, predicted = columns(rows)
    names = np.array(renaming)
    before = confusion_matrix(true, predicted, CLASSES)
    after = confusion_matrix(names[true], names[predicted], CLASSES)
    for score in SCORES.values():
        assert score(after) == pytest.approx(float(score(before)), abs=1e-12)


@given(labelled_rows)
def test_exchanging_truth_and_prediction_keeps_what_is_symmetric(rows):
    matrix = confusion_matrix(*columns(rows), CLASSES)
    for name in ("accuracy", "f1_macro", "cohen_kappa", "mcc"):
        assert SCORES[name](matrix.T) == pytest.approx(float(SCORES[name](matrix)), abs=1e-12)
    assert SCORES["precision_macro"](matrix) == pytest.approx(
        float(SCORES["recall_macro"](matrix.T)), abs=1e-12
    )


@pytest.mark.parametrize(
    ("true", "predicted", "complaint"),
    [
        ([], [], "at least one label"),
        ([0, 1], [0], "2 labels and y_pred has 1"),
        ([0, 4], [0, 1], "class code 4; with 4 classes the codes are 0 to 3"),
        ([0, -1], [0, 1], "class code -1"),
        ([0, 0.5], [0, 1], "whole class codes"),
        ([0, float("inf")], [0, 1], "whole class codes"),
        (["good", "bad"], [0, 1], "whole class codes, found 'good'"),
        ([[0, 1]], [[0, 1]], "flat list"),
    ],
)
def test_unusable_labels_are_explained(true, predicted, complaint):
    with pytest.raises(DataError, match=complaint):
        confusion_matrix(true, predicted, CLASSES)
