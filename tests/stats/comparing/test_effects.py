from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu, norm

from roomtone.errors import DataError
from roomtone.stats.comparing.effects import cliffs_delta

SCORES = st.lists(st.integers(0, 20), min_size=2, max_size=12)


@given(SCORES, SCORES)
def test_delta_is_that_of_mann_and_whitney_and_turns_with_the_models(first, second):
    found, other = cliffs_delta(first, second), cliffs_delta(second, first)
    u = mannwhitneyu(first, second).statistic
    assert found["cliffs_delta"] == pytest.approx(2 * u / (len(first) * len(second)) - 1)
    low, high = found["cliffs_delta_interval"]
    assert -1 - 1e-9 <= low <= found["cliffs_delta"] + 1e-9
    assert found["cliffs_delta"] - 1e-9 <= high <= 1 + 1e-9
    assert other["cliffs_delta_interval"] == pytest.approx([-high, -low])


@pytest.mark.parametrize(("shift", "size"), [(0.0, 10), (0.5, 20), (1.5, 20)])
def test_the_interval_covers_the_truth_in_about_95_percent_of_samples(shift, size):
    truth = 2 * norm.cdf(shift / np.sqrt(2)) - 1
    generator, covered = np.random.default_rng(1), 0
    for _ in range(1000):
        sample = generator.normal(shift, 1, size), generator.normal(0, 1, size)
        low, high = cliffs_delta(*sample)["cliffs_delta_interval"]
        covered += low <= truth <= high
    assert covered / 1000 == pytest.approx(0.95, abs=0.03)


def test_a_sample_of_one_is_refused():
    with pytest.raises(DataError, match="found 1 and 3"):
        cliffs_delta([1.0], [1.0, 2.0, 3.0])
