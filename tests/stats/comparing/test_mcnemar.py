from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from statsmodels.stats.contingency_tables import mcnemar as golden_mcnemar

from roomtone.errors import DataError
from roomtone.stats.comparing.mcnemar import discordant, mcnemar
from roomtone.stats.comparing.result import NotComparable

COUNTS = st.tuples(st.integers(0, 60), st.integers(0, 60), st.integers(0, 500)).filter(
    lambda counts: counts[0] + counts[1] > 0
)


@pytest.mark.parametrize(("first", "second"), [(1, 7), (10, 3), (25, 40), (300, 240)])
def test_the_exact_p_equals_that_of_statsmodels(first, second):
    found = mcnemar(first, second, 1000, mid_p=False)
    golden = golden_mcnemar([[500, first], [second, 100]], exact=True)
    assert (found.p_value, found.statistic) == pytest.approx((golden.pvalue, golden.statistic))


def test_the_example_of_the_paper():
    # Fagerland, Lydersen & Laake (2013): airway hyper-responsiveness before and after a stem cell
    # transplantation, 21 children, discordant pairs 1 and 7: exact 0.070, mid-p 0.039.
    assert mcnemar(1, 7, 21, mid_p=False).p_value == pytest.approx(0.0703, abs=5e-5)
    assert mcnemar(1, 7, 21, mid_p=True).p_value == pytest.approx(0.0391, abs=5e-5)


def test_the_interval_is_that_of_the_formula():
    # Bonett & Price (2012), eq. 5, by hand: (2 - 8)/23 ± 1.96 √((10/23 - (6/23)²)/23).
    found = mcnemar(1, 7, 21, mid_p=True)
    half = 1.959964 * np.sqrt((10 / 23 - (6 / 23) ** 2) / 23)
    assert (found.low, found.high) == pytest.approx((-6 / 23 - half, -6 / 23 + half))


@given(COUNTS)
def test_mid_p_is_the_exact_one_less_half_the_chance_of_the_outcome(counts):
    first, second, same = counts
    found = mcnemar(first, second, first + second + same, mid_p=True)
    exact = binomtest(first, first + second).pvalue
    at = binomtest(first, first + second, alternative="less").pvalue
    at -= binomtest(first - 1, first + second, alternative="less").pvalue if first else 0
    expected = exact - at if first != second else 1.0
    assert found.p_value == pytest.approx(expected)
    assert found.effects["exact_p"] == pytest.approx(exact)


@given(COUNTS, st.booleans())
def test_what_holds_for_all_counts(counts, mid_p):
    first, second, same = counts
    rows = first + second + same
    found = mcnemar(first, second, rows, mid_p=mid_p)
    other = mcnemar(second, first, rows, mid_p=mid_p)
    assert 0 <= found.p_value <= 1
    assert found.low <= found.difference <= found.high
    assert -1 <= found.low <= found.high <= 1
    assert other.p_value == pytest.approx(found.p_value)
    assert (other.low, other.high) == pytest.approx((-found.high, -found.low))
    for name in ("cohens_g", "odds_ratio"):
        low, high = found.effects[f"{name}_interval"]
        estimate = found.effects[name]
        assert low <= (np.inf if estimate is None else estimate) <= (high or np.inf)


def test_effect_sizes():
    found = mcnemar(30, 10, 200, mid_p=True).effects
    assert found["odds_ratio"] == pytest.approx(3)
    assert found["cohens_g"] == pytest.approx(0.25)
    golden = binomtest(30, 40).proportion_ci()
    assert found["cohens_g_interval"] == pytest.approx([golden.low - 0.5, golden.high - 0.5])
    assert found["odds_ratio_interval"] == pytest.approx(
        [golden.low / (1 - golden.low), golden.high / (1 - golden.high)]
    )
    assert mcnemar(5, 0, 20, mid_p=True).effects["odds_ratio"] is None


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1), st.randoms())
def test_the_order_of_the_rows_does_not_matter(rows, random):
    counts = discordant(*zip(*rows, strict=True))
    random.shuffle(rows)
    assert discordant(*zip(*rows, strict=True)) == counts
    assert counts[0] == sum(ours and not theirs for ours, theirs in rows)


def test_what_cannot_be_tested_is_refused():
    with pytest.raises(NotComparable, match="same 50 rows"):
        mcnemar(0, 0, 50, mid_p=True)
    with pytest.raises(DataError, match="same rows expected"):
        discordant([True], [True, False])
