from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from roomtone.errors import DataError
from roomtone.stats.auc import roc_auc


@pytest.mark.parametrize("classes", [2, 3, 5])
@pytest.mark.parametrize("distinct", [12, 200])
def test_it_is_scikit_learns_with_ties_and_without(classes, distinct):
    random = np.random.default_rng(classes)
    labels = random.integers(0, classes, 200)
    probs = random.dirichlet(np.ones(classes), distinct)[random.integers(0, distinct, 200)]
    truth = (
        roc_auc_score(labels, probs[:, 1])
        if classes == 2
        else roc_auc_score(labels, probs, multi_class="ovr", average="macro")
    )
    assert roc_auc(probs, labels) == pytest.approx(truth, abs=1e-9)


def test_classes_that_no_row_or_every_row_has_do_not_count():
    probs = np.array([[0.6, 0.3, 0.1], [0.2, 0.7, 0.1], [0.5, 0.4, 0.1]])
    assert roc_auc(probs, [0, 1, 0]) == 1.0
    assert roc_auc(probs, [1, 1, 1]) is None


def test_what_is_no_table_of_probabilities_is_refused():
    with pytest.raises(DataError, match="shape"):
        roc_auc([0.1, 0.9], [0, 0])
    with pytest.raises(DataError, match="sum to 1"):
        roc_auc([[0.5, 0.9]], [0])
