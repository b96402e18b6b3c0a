from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve

from roomtone.errors import DataError
from roomtone.stats import expected_calibration_error, reliability_bins


def predictions(rows: int = 600, classes: int = 3, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    exponents = np.exp(generator.normal(scale=1.5, size=(rows, classes)))
    return exponents / exponents.sum(axis=1, keepdims=True), generator.integers(0, classes, rows)


@pytest.mark.parametrize(("equal_mass", "strategy"), [(False, "uniform"), (True, "quantile")])
def test_filled_bins_equal_the_calibration_curve_of_scikit_learn(equal_mass, strategy):
    probs, true = predictions()
    ours = reliability_bins(probs, true, bins=10, equal_mass=equal_mass)
    right = probs.argmax(axis=1) == true
    accuracy, confidence = calibration_curve(right, probs.max(axis=1), n_bins=10, strategy=strategy)
    filled = np.array(ours.count) > 0
    np.testing.assert_allclose(np.array(ours.accuracy)[filled], accuracy)
    np.testing.assert_allclose(np.array(ours.confidence)[filled], confidence)


def test_ece_equals_a_hand_computed_one():
    # Two predictions at 0.9 (one right) and two at 0.6 (both right): (2·0.4 + 2·0.4) / 4.
    probs = [[0.9, 0.1], [0.9, 0.1], [0.6, 0.4], [0.6, 0.4]]
    assert expected_calibration_error(probs, [0, 1, 0, 0], bins=10) == pytest.approx(0.4)


def test_labels_drawn_from_the_probabilities_are_calibrated():
    probs, _ = predictions(rows=40_000)
    uniform = np.random.default_rng(1).random(len(probs))
    true = (uniform[:, None] > probs.cumsum(axis=1)).sum(axis=1).clip(max=2)
    for equal_mass in (False, True):
        assert expected_calibration_error(probs, true, equal_mass=equal_mass) < 0.01


@given(st.integers(0, 10_000), st.booleans())
def test_the_order_of_the_rows_does_not_matter(seed, equal_mass):
    probs, true = predictions(rows=50, seed=seed)
    probs = np.round(probs, 1)  # ties in confidence
    probs /= probs.sum(axis=1, keepdims=True)
    order = np.random.default_rng(seed).permutation(50)
    shuffled = expected_calibration_error(probs[order], true[order], 5, equal_mass)
    assert shuffled == pytest.approx(expected_calibration_error(probs, true, 5, equal_mass))


@given(st.integers(1, 40), st.integers(1, 30), st.booleans())
def test_every_prediction_is_in_exactly_one_bin(rows, bins, equal_mass):
    probs, true = predictions(rows=rows)
    ours = reliability_bins(probs, true, bins, equal_mass)
    assert sum(ours.count) == rows
    assert len(ours.edges) == len(ours.count) + 1 <= bins + 1
    assert 0 <= ours.ece <= 1


def test_equal_confidences_make_one_bin_of_equal_mass():
    ours = reliability_bins([[0.5, 0.5]] * 4, [0, 0, 1, 1], equal_mass=True)
    assert (ours.count, ours.ece) == ((4,), 0.0)


def test_empty_bins_become_null_in_json():
    values = reliability_bins([[0.9, 0.1]], [0], bins=2).to_dict()
    assert json.loads(json.dumps(values, allow_nan=False))["accuracy"] == [None, 1.0]


def test_no_bins_are_refused():
    with pytest.raises(DataError, match="bins must be 1 or more, found 0"):
        expected_calibration_error([[0.5, 0.5]], [0], bins=0)


def test_a_flat_list_of_probabilities_is_refused():
    with pytest.raises(DataError, match="shape"):
        reliability_bins([0.5, 0.5], [0, 1])
