from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from roomtone.errors import TrainingError
from roomtone.training.lr_curve import judge

RATES = np.geomspace(1e-6, 1, 300)


def falling(middle: float, steepness: float = 4.0) -> np.ndarray:
    """A loss that falls from 1.1 to 0.3 around a rate, as a logistic curve of its logarithm."""
    return 0.3 + 0.8 / (1 + (RATES / middle) ** steepness)


@given(st.floats(-4.5, -1.5), st.floats(1.5, 6.0))
def test_the_steepest_descent_of_a_smooth_curve_is_found(exponent, steepness):
    found = judge(RATES, falling(10**exponent, steepness), diverged=False)
    assert math.log10(found.steepest) == pytest.approx(exponent, abs=0.25)


def test_noise_on_the_losses_moves_the_suggestion_by_a_fraction_of_a_decade():
    noise = np.random.default_rng(1).normal(0, 0.1, (50, len(RATES)))
    found = [judge(RATES, falling(1e-3) + row, diverged=False).steepest for row in noise]
    assert np.abs(np.log10(found) + 3).max() < 0.5


def test_what_comes_after_the_lowest_point_is_left_out_of_account():
    losses = falling(1e-3)
    losses[RATES > 0.05] += 5 * np.log(RATES[RATES > 0.05] / 0.05)
    losses[-1] = 900.0
    found = judge(RATES, losses, diverged=True)
    assert math.log10(found.steepest) == pytest.approx(-3, abs=0.3)
    assert 0.001 < found.suggested < 0.006


def test_rates_are_given_with_two_digits():
    found = judge(RATES, falling(1.2345e-3), diverged=False)
    assert found.steepest == float(f"{found.steepest:.1e}")
    assert found.suggested == float(f"{found.suggested:.1e}")


@pytest.mark.parametrize("losses", [np.full(300, 1.1), np.linspace(1.1, 3.0, 300)])
def test_a_loss_that_falls_nowhere_is_a_clear_error(losses):
    with pytest.raises(TrainingError, match="falls at no rate from 1e-06 to 1"):
        judge(RATES, losses, diverged=False)


def test_a_loss_that_leaves_all_bounds_at_once_is_a_clear_error():
    with pytest.raises(TrainingError, match="after 7 steps"):
        judge(RATES, [1.0] * 7, diverged=True)


def test_a_sudden_divergence_does_not_bend_the_line_before_it():
    losses = falling(0.02)[RATES < 0.1]
    losses[-3:] = 1e4
    found = judge(RATES, losses, diverged=True)
    assert math.log10(found.steepest / 0.02) == pytest.approx(0, abs=0.4)
