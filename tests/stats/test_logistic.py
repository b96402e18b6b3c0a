from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from roomtone.errors import DataError
from roomtone.stats.logistic import fit_logistic


def rows(seed: int, classes: int = 3) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, classes, 300)
    return np.eye(classes)[labels] + generator.normal(2, 1, (300, classes)), labels


@pytest.mark.parametrize("l2", [0.01, 1.0, 30.0])
def test_it_equals_that_of_scikit_learn(l2):
    features, labels = rows(1)
    golden = LogisticRegression(C=1 / l2, tol=1e-8, max_iter=10_000).fit(features, labels)
    fitted = fit_logistic(features, labels, 3, l2=l2)
    np.testing.assert_allclose(
        np.exp(fitted.log_probs(features)), golden.predict_proba(features), atol=1e-4
    )
    np.testing.assert_allclose(fitted.coefficients, golden.coef_, atol=1e-3)


def test_the_order_of_the_classes_does_not_matter():
    features, labels = rows(2)
    order = np.array([2, 0, 1])
    fitted = fit_logistic(features, labels, 3)
    other = fit_logistic(features, np.argsort(order)[labels], 3)
    np.testing.assert_allclose(
        other.log_probs(features), fitted.log_probs(features)[:, order], atol=1e-4
    )


def test_separable_rows_and_a_class_without_rows_stay_finite():
    fitted = fit_logistic([[0.0], [0.0], [1.0], [1.0]], [0, 0, 2, 2], 3)
    probs = np.exp(fitted.log_probs([[0.0], [1.0]]))
    assert probs.argmax(axis=1).tolist() == [0, 2]
    assert np.isfinite(fitted.coefficients).all()
    assert probs[:, 1].max() < 0.01


@pytest.mark.parametrize(
    ("features", "labels", "l2", "message"),
    [
        ([[0.0]], [0, 1], 1, "features must be finite numbers in 2 rows"),
        ([0.0, 1.0], [0, 1], 1, "features must be"),
        ([[0.0], [np.inf]], [0, 1], 1, "features must be"),
        ([[0.0], [1.0]], [0, 3], 1, "class code 3"),
        ([[0.0], [1.0]], [0, 1], 0, "l2 must be above 0"),
        ([[0.0], [1.0]], [0, 1], float("nan"), "l2 must be above 0"),
    ],
)
def test_what_cannot_be_fitted_is_refused(features, labels, l2, message):
    with pytest.raises(DataError, match=message):
        fit_logistic(features, labels, 3, l2=l2)
