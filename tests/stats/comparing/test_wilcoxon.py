from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata
from scipy.stats import wilcoxon as golden_wilcoxon

from roomtone.errors import DataError
from roomtone.stats.comparing.result import NotComparable
from roomtone.stats.comparing.wilcoxon import wilcoxon

# Demšar (2006), table 2: AUC of C4.5 and of C4.5 with its parameter m tuned, on 14 data sets.
C45 = [
    0.763,
    0.599,
    0.954,
    0.628,
    0.882,
    0.936,
    0.661,
    0.583,
    0.775,
    1.0,
    0.940,
    0.619,
    0.972,
    0.957,
]
TUNED = [
    0.768,
    0.591,
    0.971,
    0.661,
    0.888,
    0.931,
    0.668,
    0.583,
    0.838,
    1.0,
    0.962,
    0.666,
    0.981,
    0.978,
]
DIFFERENCES = st.lists(st.integers(-9, 9), min_size=6, max_size=12).filter(
    lambda values: np.count_nonzero(values) >= 6
)


def test_the_example_of_the_paper():
    # R+ = 93, R- = 12, so that T = 12, below the critical 21 for 14 data sets at 0.05.
    found = wilcoxon(np.subtract(TUNED, C45))
    assert found.statistic == pytest.approx(12)
    assert found.p_value < 0.05
    assert found.effects["wins"] == 10
    assert found.effects["losses"] == 2


@pytest.mark.parametrize("count", [6, 10, 25, 60])
def test_it_equals_the_exact_one_of_scipy(count):
    differences = np.random.default_rng(count).normal(0.3, 1, count)
    found, golden = wilcoxon(differences), golden_wilcoxon(differences, method="exact")
    assert found.p_value == pytest.approx(golden.pvalue)
    assert found.statistic == pytest.approx(golden.statistic)


@settings(max_examples=25, deadline=None)
@given(DIFFERENCES)
def test_with_ties_and_zeros_it_equals_going_through_all_signs(differences):
    values = np.array(differences, float)
    ranks = rankdata(np.abs(values))[values != 0]
    signs = np.array(list(product([0, 1], repeat=ranks.size)))
    for_first = ranks[values[values != 0] > 0].sum()
    far = min(for_first, ranks.sum() - for_first)
    expected = min(1.0, 2 * np.mean(signs @ ranks <= far + 1e-9))
    assert wilcoxon(values).p_value == pytest.approx(expected)


def test_the_interval_holds_the_shifts_that_scipy_does_not_reject():
    differences = np.random.default_rng(1).normal(0.5, 1, 12)
    found = wilcoxon(differences)
    for inside, outside in ((1e-9, -1e-9), (-1e-9, 1e-9)):
        end = found.low if inside > 0 else found.high
        assert golden_wilcoxon(differences - end - inside, method="exact").pvalue >= 0.05
        assert golden_wilcoxon(differences - end - outside, method="exact").pvalue < 0.05


def test_the_example_of_hollander_and_wolfe():
    # Hollander & Wolfe (1973), depression: estimate 0.46, interval 0.01 to 0.786 at 96%.
    before = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30]
    after = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]
    found = wilcoxon(np.subtract(before, after))
    assert found.p_value == pytest.approx(2 * 0.01953125)
    assert found.difference == pytest.approx(0.46)
    assert (found.low, found.high) == pytest.approx((0.01, 0.786))


@given(DIFFERENCES, st.randoms())
def test_what_holds_for_all_differences(differences, random):
    values = np.array(differences, float) / 100
    found, other = wilcoxon(values), wilcoxon(-values)
    assert 0 < found.p_value <= 1
    assert found.low <= found.difference <= found.high
    assert other.p_value == pytest.approx(found.p_value)
    assert (other.low, other.high) == pytest.approx((-found.high, -found.low))
    random.shuffle(differences)
    assert wilcoxon(np.array(differences) / 100).p_value == pytest.approx(found.p_value)


def test_what_cannot_be_tested_is_refused():
    with pytest.raises(NotComparable, match="differ on 5 of 5 data sets"):
        wilcoxon([0.1, 0.2, 0.3, 0.4, 0.5])
    with pytest.raises(NotComparable, match="differ on 3 of 8"):
        wilcoxon([0.1, 0.2, 0.3] + [0.0] * 5)
    with pytest.raises(DataError, match="flat list"):
        wilcoxon([[0.1]])
