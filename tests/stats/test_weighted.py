from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from roomtone.errors import DataError
from roomtone.stats.proportions import exact_interval
from roomtone.stats.weighted import weighted_shares


def _of_rows(codes, weights, classes=3):
    return weighted_shares(
        np.bincount(codes, weights, classes), np.bincount(codes, weights**2, classes)
    )


@given(st.lists(st.integers(0, 40), min_size=2, max_size=4), st.floats(0.1, 50))
def test_equal_weights_give_the_exact_interval_whatever_the_weight(counts, weight):
    counts = np.array(counts, dtype=float)
    found = weighted_shares(counts * weight, counts * weight**2)
    low, high = exact_interval(counts, np.full(len(counts), counts.sum()))
    assert found.effective == pytest.approx(counts.sum())
    assert found.low == pytest.approx(low, abs=1e-6)
    assert found.high == pytest.approx(high, abs=1e-6)


def test_one_row_with_nearly_all_weight_says_nearly_nothing():
    codes = np.array([0] * 50 + [2] * 50)
    weights = np.ones(100)
    even = _of_rows(codes, weights)
    weights[0] = 10_000
    heavy = _of_rows(codes, weights)
    assert heavy.effective < 1.1
    assert heavy.share[0] > 0.99
    assert heavy.high[2] - heavy.low[2] > 3 * (even.high[2] - even.low[2])


def test_the_interval_covers_the_share_about_as_often_as_it_says():
    random = np.random.default_rng(1)
    truth, hits, runs = np.array([0.3, 0.5, 0.2]), 0, 400
    for _ in range(runs):
        codes = random.choice(3, 300, p=truth)
        found = _of_rows(codes, 1 + random.poisson(3, 300).astype(float))
        hits += bool(found.low[0] <= truth[0] <= found.high[0])
    assert 0.93 <= hits / runs <= 0.995


def test_nothing_counted_says_nothing():
    found = weighted_shares([0, 0], [0, 0])
    assert (found.low.tolist(), found.high.tolist()) == ([0, 0], [1, 1])


@pytest.mark.parametrize(("sums", "squares"), [([1, 2], [1]), ([-1, 2], [1, 2]), (3, 3)])
def test_what_are_no_sums_is_refused(sums, squares):
    with pytest.raises(DataError, match="sum"):
        weighted_shares(sums, squares)
