from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import t as student
from scipy.stats import ttest_1samp

from roomtone.stats.comparing.correlated import bayesian_correlated_t, corrected_t
from roomtone.stats.comparing.result import NotComparable

DIFFERENCES = arrays(
    float, st.integers(5, 30), elements=st.integers(-50, 50).map(lambda n: n / 500)
)


def vary(values: np.ndarray) -> bool:
    return np.ptp(values) > 0


def test_without_overlap_it_is_the_plain_t_test_of_scipy():
    differences = np.random.default_rng(1).normal(0.01, 0.02, 10)
    found, golden = corrected_t(differences, 0.0), ttest_1samp(differences, 0)
    assert found.statistic == pytest.approx(golden.statistic)
    assert found.p_value == pytest.approx(golden.pvalue)
    assert (found.low, found.high) == pytest.approx(tuple(golden.confidence_interval()))


def test_the_variance_is_that_of_the_paper():
    # Nadeau & Bengio (2003), eq. 9: (1/J + n2/n1) s², worked out by hand for J = 5, n2/n1 = 1/4.
    found = corrected_t([0.01, 0.02, 0.03, 0.04, 0.05], 0.25)
    assert found.statistic == pytest.approx(0.03 / np.sqrt(0.45 * 0.00025))
    assert found.p_value == pytest.approx(2 * student.sf(found.statistic, 4))


@given(DIFFERENCES.filter(vary), st.floats(0, 1))
def test_what_holds_for_all_differences(differences, ratio):
    found, other = corrected_t(differences, ratio), corrected_t(-differences, ratio)
    assert 0 <= found.p_value <= 1
    assert found.low <= found.difference <= found.high
    assert other.p_value == pytest.approx(found.p_value)
    assert (other.low, other.high) == pytest.approx((-found.high, -found.low))
    assert (found.p_value < 0.05) == (found.low > 0 or found.high < 0)
    again = corrected_t(np.random.default_rng(0).permutation(differences), ratio)
    assert again.p_value == pytest.approx(found.p_value, abs=1e-9)


@given(DIFFERENCES.filter(vary), st.floats(0, 1))
def test_without_a_region_of_equivalence_the_posterior_is_that_of_the_p_value(differences, ratio):
    # Corani & Benavoli (2015), section 2.2: the two tests then agree in number.
    found, test = bayesian_correlated_t(differences, ratio, 0.0), corrected_t(differences, ratio)
    posterior = found.effects["posterior"]
    assert sum(posterior.values()) == pytest.approx(1)
    assert min(posterior["worse"], posterior["better"]) == pytest.approx(test.p_value / 2)
    assert (found.low, found.high) == pytest.approx((test.low, test.high))


def test_the_posterior_equals_that_of_baycomp():
    # Its correlation is one in the number of folds, ours n_test/(n_train + n_test): the same here.
    # The figures are those of `two_on_single(differences, zeros, rope=0.01, runs=1)` of baycomp
    # 1.0.3, which is not installed for the tests: it brings a package called `tests`.
    differences = np.array([3, 1, -1, 2, 4, 0, 2, 1, 3, -2]) / 100
    golden = (0.6312544679140056, 0.35552002690523143, 0.013225505180762931)
    found = bayesian_correlated_t(differences, 1 / 9, 0.01).effects["posterior"]
    assert (found["better"], found["equivalent"], found["worse"]) == pytest.approx(golden)


def test_a_wide_region_of_equivalence_holds_small_differences():
    differences = [0.001, 0.002, -0.001, 0.0, 0.001, 0.002]
    found = bayesian_correlated_t(differences, 0.2, 0.02).effects["posterior"]
    assert found["equivalent"] > 0.99
    turned = bayesian_correlated_t(np.negative(differences), 0.2, 0.02).effects["posterior"]
    assert turned["worse"] == pytest.approx(found["better"])


@pytest.mark.parametrize("differences", [[0.1, 0.2, 0.3, 0.1], [0.1] * 10, [0.0] * 10])
def test_what_cannot_be_tested_is_refused(differences):
    with pytest.raises(NotComparable):
        corrected_t(differences, 0.1)
    with pytest.raises(NotComparable):
        bayesian_correlated_t(differences, 0.1, 0.01)
