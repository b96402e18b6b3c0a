"""Whether groups have the same shares, and values of the same size."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from roomtone.errors import DataError
from roomtone.stats.homogeneity import compare_shares, compare_values

counts = st.lists(st.lists(st.integers(1, 80), min_size=3, max_size=3), min_size=2, max_size=4)


def test_chi_squared_is_that_of_scipy():
    table = [[50, 30, 20], [35, 45, 40]]
    wanted = stats.chi2_contingency(table, correction=False)
    found = compare_shares(table)
    assert found.method == "chi-squared test"
    assert found.statistic == pytest.approx(wanted.statistic)
    assert found.p_value == pytest.approx(wanted.pvalue)


def test_cramers_v_is_without_its_bias():
    # By hand from Bergsma (2013): phi² = 16.5 / 220, less (2 - 1)(3 - 1) / 219, and so on.
    table = np.array([[50, 30, 20], [35, 45, 40]])
    phi = stats.chi2_contingency(table, correction=False).statistic / 220
    least = min(2 - 1 / 219, 3 - 4 / 219)
    wanted = np.sqrt((phi - 2 / 219) / (least - 1))
    assert compare_shares(table).effect == pytest.approx(wanted)
    biased = stats.contingency.association(table, method="cramer")
    assert compare_shares(table).effect < biased


def test_few_rows_are_tested_against_drawn_tables():
    found = compare_shares([[3, 0], [0, 3]])
    assert found.method == "chi-squared permutation test"
    # Of the 20 ways to deal 3 and 3 rows, 2 are as uneven: Fisher's exact test says 0.1.
    assert found.p_value == pytest.approx(0.1, abs=0.01)
    assert found == compare_shares([[3, 0], [0, 3]])


@given(table=counts)
def test_the_order_of_groups_and_classes_does_not_matter(table):
    one, other = np.array(table), np.array(table)[::-1, ::-1]
    if (np.outer(one.sum(1), one.sum(0)) / one.sum()).min() < 5:
        return  # drawn tables differ
    assert compare_shares(one).p_value == pytest.approx(compare_shares(other).p_value)
    # A root: rounding of 1e-14 beside zero is 1e-7 in it.
    assert compare_shares(one).effect == pytest.approx(compare_shares(other).effect, abs=1e-6)


@given(table=counts)
def test_an_effect_lies_between_none_and_all(table):
    found = compare_shares(table)
    assert 0 <= found.effect <= 1
    assert 0 < found.p_value <= 1


@pytest.mark.parametrize("rows", [40, 400])
def test_true_nulls_are_rejected_at_the_rate_of_alpha(rows):
    rng = np.random.default_rng(1)
    drawn = rng.multinomial(rows, [0.2, 0.3, 0.5], size=(2000, 2))
    rejected = sum(compare_shares(table).p_value < 0.05 for table in drawn)
    assert rejected <= stats.binom.ppf(0.999, 2000, 0.05)
    assert rejected >= stats.binom.ppf(0.001, 2000, 0.04)


def test_groups_without_rows_are_refused():
    with pytest.raises(DataError, match="two groups and two classes"):
        compare_shares([[3, 4], [0, 0]])
    with pytest.raises(DataError, match="found 0 and 2"):
        compare_values([], [1, 2])


def test_cliffs_delta_is_the_share_of_larger_pairs_less_the_smaller_ones():
    one, other = [1, 2, 3, 4], [2, 2, 5]
    wanted = np.mean([np.sign(a - b) for a in one for b in other])
    found = compare_values(one, other)
    assert found.effect == pytest.approx(wanted)
    assert found.p_value == pytest.approx(
        stats.mannwhitneyu(one, other, method="asymptotic").pvalue
    )
    assert compare_values(other, one).effect == pytest.approx(-wanted)


def test_equal_values_do_not_differ():
    found = compare_values([7, 7], [7, 7, 7])
    assert (found.effect, found.p_value, found.size) == (0, 1, "negligible")


def test_larger_values_are_rejected_and_equal_distributions_are_not_too_often():
    rng = np.random.default_rng(2)
    found = compare_values(rng.normal(1, 1, 100), rng.normal(0, 1, 100))
    assert found.p_value < 1e-6
    assert found.size == "large"
    rejected = sum(compare_values(*rng.poisson(20, (2, 30))).p_value < 0.05 for _ in range(2000))
    assert rejected <= stats.binom.ppf(0.999, 2000, 0.05)
