from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import log_softmax, softmax
from sklearn.linear_model import LogisticRegression

from roomtone.errors import DataError
from roomtone.stats import Calibration, fit_temperature, fit_vector

VECTOR = Calibration("vector", (0.5, 1.5, 0.8), (0.2, -0.3, 0.0))
seeds = st.integers(0, 2**32 - 1)


def drawn(rows: int, calibration: Calibration, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Log-probabilities, and labels drawn from what the calibration makes of them."""
    generator = np.random.default_rng(seed)
    log_probs = log_softmax(generator.normal(scale=2, size=(rows, calibration.num_classes)), axis=1)
    cumulated = calibration.apply(log_probs).cumsum(axis=1)
    labels = (generator.random((rows, 1)) > cumulated[:, :-1]).sum(axis=1)
    return log_probs, labels


def log_loss(probs: np.ndarray, labels: np.ndarray) -> float:
    return float(-np.log(probs[np.arange(len(labels)), labels]).mean())


def test_the_temperature_equals_that_of_a_search_by_brute_force():
    log_probs, labels = drawn(3000, Calibration("temperature", (0.4,) * 3, (0.0,) * 3), seed=1)
    betas = np.linspace(0.3, 0.5, 4001)
    losses = [log_loss(softmax(beta * log_probs, axis=1), labels) for beta in betas]
    fitted = fit_temperature(log_probs, labels)
    assert fitted.scale[0] == pytest.approx(betas[int(np.argmin(losses))], abs=1e-4)
    assert fitted.temperature == 1 / fitted.scale[0]


def test_the_temperature_of_two_classes_equals_the_slope_of_a_logistic_regression():
    log_probs, labels = drawn(3000, Calibration("temperature", (0.6,) * 2, (0.0,) * 2), seed=2)
    golden = LogisticRegression(C=1e10, fit_intercept=False, tol=1e-10, max_iter=1000)
    golden.fit(log_probs[:, [1]] - log_probs[:, [0]], labels)
    assert fit_temperature(log_probs, labels).scale[0] == pytest.approx(
        golden.coef_[0, 0], abs=1e-4
    )


def test_vector_scaling_of_two_classes_equals_a_logistic_regression():
    # Two classes on the difference of two features: slopes are the scales, the intercept the bias.
    log_probs, labels = drawn(5000, Calibration("vector", (0.5, 1.5), (0.4, -0.4)), seed=3)
    golden = LogisticRegression(C=1e10, tol=1e-10, max_iter=10_000).fit(log_probs, labels)
    fitted = fit_vector(log_probs, labels)
    assert [-fitted.scale[0], fitted.scale[1]] == pytest.approx(golden.coef_[0].tolist(), abs=2e-3)
    assert fitted.bias[1] - fitted.bias[0] == pytest.approx(golden.intercept_[0], abs=2e-3)


def test_vector_scaling_finds_what_the_labels_were_drawn_from():
    fitted = fit_vector(*drawn(200_000, VECTOR, seed=4))
    assert fitted.scale == pytest.approx(VECTOR.scale, abs=0.03)
    centred = np.array(VECTOR.bias) - np.mean(VECTOR.bias)
    np.testing.assert_allclose(np.array(fitted.bias) - np.mean(fitted.bias), centred, atol=0.03)


@pytest.mark.parametrize("fit", [fit_temperature, fit_vector])
def test_rows_that_were_fitted_are_no_less_probable_than_before(fit):
    for seed in range(20):
        log_probs, labels = drawn(60, VECTOR, seed)
        fitted = log_loss(fit(log_probs, labels).apply(log_probs), labels)
        assert fitted <= log_loss(np.exp(log_probs), labels) + 1e-9


@given(seeds, st.permutations(range(3)), st.sampled_from([fit_temperature, fit_vector]))
def test_classes_in_another_order_get_the_same_values_in_that_order(seed, order, fit):
    log_probs, labels = drawn(80, VECTOR, seed)
    fitted = fit(log_probs, labels)
    other = fit(log_probs[:, order], np.argsort(order)[labels])
    np.testing.assert_allclose(other.scale, np.array(fitted.scale)[order], atol=2e-3)
    np.testing.assert_allclose(other.bias, np.array(fitted.bias)[order], atol=2e-3)


@pytest.mark.parametrize("fit", [fit_temperature, fit_vector])
@pytest.mark.parametrize(
    ("log_probs", "labels"),
    [
        pytest.param(np.log([[0.9, 0.06, 0.04]]), [0], id="one row, which is right"),
        pytest.param(np.log([[0.9, 0.06, 0.04]]), [2], id="one row, which is wrong"),
        pytest.param(np.log(np.eye(3) * 0.7 + 0.1).repeat(50, axis=0), [0] * 150,
                     id="one class only"),
        pytest.param(np.log(np.eye(3) * 0.7 + 0.1), [0, 1, 2], id="separable"),
        pytest.param([[0.0, -np.inf, -np.inf]] * 4, [0, 1, 2, 0], id="true classes ruled out"),
        pytest.param([[0.0, -1e300, -1e300]] * 4, [0, 1, 2, 0], id="huge values"),
    ],
)  # fmt: skip
def test_little_to_go_on_gives_finite_values_and_no_certainty_of_what_was_wrong(
    fit, log_probs, labels
):
    fitted = fit(log_probs, labels)
    probs = fitted.apply(log_probs)
    assert np.isfinite([*fitted.scale, *fitted.bias]).all()
    assert (probs[np.arange(len(labels)), labels] > 1e-6).all()


def test_separable_rows_do_not_become_certain():
    log_probs = np.log(np.eye(3) * 0.7 + 0.1)
    assert fit_temperature(log_probs, [0, 1, 2]).apply(log_probs).max() < 1 - 1e-5


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0], "2 rows of log-probabilities and 1 labels"),
        ([0, 3], "class code 3"),
        ([], "flat list"),
    ],
)
def test_labels_that_do_not_fit_are_refused(labels, message):
    with pytest.raises(DataError, match=message):
        fit_temperature(np.zeros((2, 3)), labels)
