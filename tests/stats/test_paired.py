from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import bootstrap

from roomtone.errors import DataError
from roomtone.stats import classification_metrics
from roomtone.stats.paired import f1_gain, mean_gain


def predictions(rows: int, generator: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Labels, and two sets of predictions that are right as often, on rows of their own."""
    labels = generator.choice(3, rows, p=[0.5, 0.3, 0.2])
    wrong = (labels + generator.integers(1, 3, (2, rows))) % 3
    return labels, *np.where(generator.random((2, rows)) < 0.7, labels, wrong)


def test_the_interval_of_a_mean_equals_that_of_scipy_up_to_resampling_noise():
    generator = np.random.default_rng(1)
    ours, theirs = generator.gamma(1, 1, 200), generator.gamma(1.2, 1, 200)
    found = mean_gain(ours, theirs)
    golden = bootstrap(
        (theirs - ours,), np.mean, method="percentile", rng=np.random.default_rng(0)
    ).confidence_interval
    assert found.estimate == pytest.approx((theirs - ours).mean())
    assert (found.low, found.high) == pytest.approx((golden.low, golden.high), abs=0.02)


def test_the_interval_of_macro_f1_equals_that_of_scipy_up_to_resampling_noise():
    labels, ours, theirs = predictions(150, np.random.default_rng(2))

    def difference(t, a, b):
        return classification_metrics(t, a, 3).f1_macro - classification_metrics(t, b, 3).f1_macro

    found = f1_gain(labels, ours, theirs, 3)
    golden = bootstrap(
        (labels, ours, theirs),
        difference,
        paired=True,
        vectorized=False,
        n_resamples=1500,
        method="percentile",
        rng=np.random.default_rng(0),
    ).confidence_interval
    assert found.estimate == pytest.approx(difference(labels, ours, theirs))
    assert (found.low, found.high) == pytest.approx((golden.low, golden.high), abs=0.02)


@settings(max_examples=20)
@given(st.integers(0, 1000))
def test_the_other_way_round_the_sign_changes(seed):
    labels, ours, theirs = predictions(60, np.random.default_rng(seed))
    found, other = f1_gain(labels, ours, theirs, 3), f1_gain(labels, theirs, ours, 3)
    assert other.estimate == pytest.approx(-found.estimate)
    assert (other.low, other.high) == pytest.approx((-found.high, -found.low), abs=0.03)
    losses = np.random.default_rng(seed).random((2, 60))
    found, other = mean_gain(*losses), mean_gain(*losses[::-1])
    assert (other.low, other.high) == pytest.approx((-found.high, -found.low))


def test_equal_models_differ_beyond_noise_in_about_one_case_of_twenty():
    generator = np.random.default_rng(3)
    samples = 300
    f1, loss = 0, 0
    for seed in range(samples):
        labels, ours, theirs = predictions(150, generator)
        f1 += f1_gain(labels, ours, theirs, 3, seed=seed).beyond_noise
        loss += mean_gain(*generator.gamma(2, 1, (2, 150)), seed=seed).beyond_noise
    # Three standard errors of a share over 300 samples are 0.038.
    assert f1 / samples == pytest.approx(0.05, abs=0.04)
    assert loss / samples == pytest.approx(0.05, abs=0.04)


def test_a_clear_difference_is_beyond_noise():
    labels, ours, _ = predictions(200, np.random.default_rng(4))
    assert f1_gain(labels, labels, ours, 3).beyond_noise
    assert not f1_gain(labels, ours, ours, 3).beyond_noise
    found = mean_gain(np.zeros(50), np.ones(50))
    assert json.loads(json.dumps(found.to_dict()))["beyond_noise"] is True


@pytest.mark.parametrize(("ours", "theirs"), [([], []), ([0.1], [0.1, 0.2]), ([[0.1]], [[0.1]])])
def test_losses_of_other_rows_are_refused(ours, theirs):
    with pytest.raises(DataError, match="losses of the same rows"):
        mean_gain(ours, theirs)


def test_labels_of_other_rows_are_refused():
    with pytest.raises(DataError, match=r"columns of \[1, 2, 1\] rows"):
        f1_gain([0], [0, 1], [0], 2)
