from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from roomtone.errors import DataError
from roomtone.stats.comparing.multiplicity import holm

P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=20)


@settings(max_examples=20, deadline=None)
@given(P_VALUES)
def test_it_equals_that_of_statsmodels(p_values):
    assert holm(p_values) == pytest.approx(multipletests(p_values, method="holm")[1])


@given(P_VALUES)
def test_no_adjusted_value_is_below_its_own_and_the_order_stays(p_values):
    adjusted = holm(p_values)
    assert np.all(adjusted >= p_values)
    assert np.all(adjusted <= 1)
    order = np.argsort(p_values)
    assert np.all(np.diff(adjusted[order]) >= 0)


def test_a_comparison_that_was_not_made_counts_all_the_same():
    assert holm([0.01, np.nan, 0.02]) == pytest.approx([0.03, np.nan, 0.04], nan_ok=True)


@pytest.mark.parametrize("p_values", [[1.5], [-0.1], [[0.1]]])
def test_other_numbers_are_refused(p_values):
    with pytest.raises(DataError, match="between 0 and 1"):
        holm(p_values)
