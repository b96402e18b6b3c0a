from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import permutation_test, ttest_ind

from roomtone.stats.comparing.dominance import almost_stochastic_order, violation_ratio
from roomtone.stats.comparing.result import NotComparable

# Of a power of two, so that their sums are exact in any order.
SCORES = st.lists(st.integers(0, 32).map(lambda n: n / 32), min_size=5, max_size=9)


def on_a_grid(first: np.ndarray, second: np.ndarray, steps: int = 200_000) -> float:
    """The integrals of del Barrio et al. (2018), eq. 4, by the midpoint rule."""
    at = (np.arange(steps) + 0.5) / steps
    quantiles = [np.quantile(scores, at, method="inverted_cdf") for scores in (first, second)]
    apart = quantiles[0] - quantiles[1]
    return float((np.minimum(apart, 0) ** 2).sum() / (apart**2).sum())


@pytest.mark.parametrize(("n", "m"), [(5, 5), (5, 7), (12, 8)])
def test_the_ratio_equals_the_integral_on_a_grid(n, m):
    generator = np.random.default_rng(n * m)
    first, second = generator.normal(0.2, 1, n), generator.normal(0, 1, m)
    assert violation_ratio(first, second) == pytest.approx(on_a_grid(first, second), abs=1e-4)


def test_the_ratio_of_normal_distributions_is_that_of_their_quantile_functions():
    # X ~ N(d, s²) falls behind Z ~ N(0, 1) where d + (s - 1) z < 0: the tail's share by quadrature.
    z = np.linspace(-8, 8, 400_001)
    weight = np.exp(-(z**2) / 2)
    apart = 0.3 - 0.4 * z
    expected = (weight * np.minimum(apart, 0) ** 2).sum() / (weight * apart**2).sum()
    generator = np.random.default_rng(1)
    first, second = generator.normal(0.3, 0.6, 200_000), generator.normal(0, 1, 200_000)
    assert violation_ratio(first, second) == pytest.approx(expected, abs=0.01)


@settings(deadline=None)
@given(SCORES, SCORES, st.randoms())
def test_what_holds_for_all_scores(first, second, random):
    ratio = float(violation_ratio(first, second))
    assert 0 <= ratio <= 1
    assert float(violation_ratio(second, first)) == pytest.approx(1 - ratio)
    if np.ptp(first + second) == 0:
        return
    found = almost_stochastic_order(first, second, resamples=100)
    other = almost_stochastic_order(second, first, resamples=100)
    assert ratio <= found.statistic <= 1
    assert 0 <= found.p_value <= 1
    assert found.low <= found.difference <= found.high
    assert other.p_value == pytest.approx(found.p_value)
    assert (other.low, other.high) == pytest.approx((-found.high, -found.low))
    random.shuffle(first)
    again = almost_stochastic_order(first, second, resamples=100)
    assert (again.p_value, again.statistic) == pytest.approx((found.p_value, found.statistic))
    if np.mean(first) != np.mean(second):  # else it is open which of the two is drawn first
        assert other.effects["eps_min"] == pytest.approx(found.effects["eps_min_of_reference"])


def test_the_p_value_and_the_interval_equal_those_of_scipy():
    generator = np.random.default_rng(2)
    first, second = generator.normal(0.5, 1, 7), generator.normal(0, 2, 6)
    found = almost_stochastic_order(first, second, resamples=100)
    golden = permutation_test(
        (first, second),
        lambda a, b: abs(a.mean() - b.mean()),
        alternative="greater",
        n_resamples=np.inf,
        vectorized=False,
    )
    assert found.p_value == pytest.approx(golden.pvalue)
    interval = ttest_ind(first, second, equal_var=False).confidence_interval()
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))


def test_a_model_that_is_ahead_by_far_dominates():
    generator = np.random.default_rng(3)
    first, second = generator.normal(0.8, 0.01, 5), generator.normal(0.7, 0.01, 5)
    found = almost_stochastic_order(first, second)
    assert found.statistic == 0
    assert found.p_value == pytest.approx(2 / 252)
    assert found.effects["dominant"] == "model"
    assert almost_stochastic_order(second, first).effects["dominant"] == "reference"
    assert almost_stochastic_order(first, second, comparisons=10).effects["dominant"] is None


def test_many_seeds_are_dealt_at_random():
    generator = np.random.default_rng(4)
    first, second = generator.normal(0.3, 1, 30), generator.normal(0, 1, 30)
    found = almost_stochastic_order(first, second)
    assert found.p_value == pytest.approx(ttest_ind(first, second).pvalue, abs=0.02)


def test_what_cannot_be_tested_is_refused():
    with pytest.raises(NotComparable, match="4 and 5 seeds are too few"):
        almost_stochastic_order([0.1] * 4, [0.2] * 5)
    with pytest.raises(NotComparable, match="nothing differs"):
        almost_stochastic_order([0.5] * 5, [0.5] * 5)
