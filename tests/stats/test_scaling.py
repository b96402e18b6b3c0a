from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from roomtone.errors import DataError
from roomtone.stats import Calibration

VECTOR = Calibration("vector", (0.5, 1.5, 0.8), (0.2, -0.3, 0.0))
seeds = st.integers(0, 2**32 - 1)


@given(seeds, st.floats(0.01, 100))
def test_a_temperature_keeps_the_most_probable_class(seed, scale):
    log_probs = np.random.default_rng(seed).normal(scale=3, size=(20, 4))
    probs = Calibration("temperature", (scale,) * 4, (0.0,) * 4).apply(log_probs)
    assert (probs[np.arange(20), log_probs.argmax(axis=1)] == probs.max(axis=1)).all()


@given(
    st.lists(
        st.lists(st.floats(-1e4, 1e4) | st.just(-np.inf), min_size=3, max_size=3).filter(
            lambda row: max(row) > -np.inf
        ),
        min_size=1,
    ),
    st.sampled_from(
        [Calibration.identity(3), VECTOR, Calibration("temperature", (50.0,) * 3, (0.0,) * 3)]
    ),
)
def test_whatever_goes_in_probabilities_come_out(log_probs, calibration):
    probs = calibration.apply(log_probs)
    assert (probs >= 0).all()
    np.testing.assert_allclose(probs.sum(axis=1), 1, atol=1e-12)


@given(seeds, st.floats(-50, 50))
def test_a_constant_added_to_a_row_changes_nothing(seed, constant):
    log_probs = np.random.default_rng(seed).normal(scale=3, size=(5, 3))
    np.testing.assert_allclose(VECTOR.apply(log_probs + constant), VECTOR.apply(log_probs))


def test_the_identity_changes_nothing():
    probs = np.array([[0.2, 0.8, 0.0], [1.0, 0.0, 0.0]])
    with np.errstate(divide="ignore"):
        log_probs = np.log(probs)
    np.testing.assert_allclose(Calibration.identity(3).apply(log_probs), probs, atol=1e-15)


def test_it_survives_json():
    for calibration in (
        VECTOR,
        Calibration.identity(4),
        Calibration("temperature", (0.3,) * 2, (0.0,) * 2),
    ):
        values = json.loads(json.dumps(calibration.to_dict(), allow_nan=False))
        assert Calibration.from_dict(values) == calibration


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"kind": "vectors"}, "unknown calibration 'vectors'.*did you mean 'vector'"),
        ({"kind": 3}, "unknown calibration 3"),
        ({"scale": [1.0]}, "a scale above 0 and a bias for each"),
        ({"scale": [1.0, -1.0]}, "a scale above 0"),
        ({"scale": [1.0, float("nan")]}, "must be numbers from"),
        ({"bias": [0.0, float("inf")]}, "must be numbers from"),
        ({"scale": ["1", 1.0]}, "must be numbers from"),
        ({"scale": [True, 1.0]}, "must be numbers from"),
        ({"scale": 2.0}, "lists of numbers"),
        ({"kind": "identity", "scale": [2.0, 2.0]}, "kind 'identity' cannot have"),
        ({"kind": "temperature", "scale": [2.0, 3.0]}, "kind 'temperature' cannot have"),
        ({"kind": "temperature", "bias": [0.0, 1.0]}, "kind 'temperature' cannot have"),
        ({"temperature": 2.0}, "has the fields kind, scale and bias"),
    ],
)
def test_a_damaged_one_is_refused(values, message):
    good = {"kind": "vector", "scale": [1.0, 2.0], "bias": [0.0, 1.0]}
    with pytest.raises(DataError, match=message):
        Calibration.from_dict(good | values)


@pytest.mark.parametrize(
    ("log_probs", "message"),
    [
        ([[0.0, np.nan, 0.0]], "row 0 of the log-probabilities"),
        ([[0.0, 0.0, 0.0], [0.0, np.inf, 0.0]], "row 1 of the log-probabilities"),
        ([[-np.inf] * 3], "one of a row at least a number"),
        ([[0.0, 0.0]], r"shape \[rows, 3\], found \[1, 2\]"),
        ([0.0, 0.0, 0.0], r"shape \[rows, 3\]"),
    ],
)
def test_what_are_no_log_probabilities_is_refused(log_probs, message):
    with pytest.raises(DataError, match=message):
        VECTOR.apply(log_probs)
