from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from roomtone.stats.proportions import exact_interval


@pytest.mark.parametrize("level", [0.9, 0.95])
def test_it_equals_that_of_scipy(level):
    pairs = [(hits, count) for count in (1, 2, 17, 400) for hits in {0, 1, count // 2, count}]
    low, high = exact_interval(*zip(*pairs, strict=True), level)
    for (hits, count), *ends in zip(pairs, low, high, strict=True):
        golden = binomtest(hits, count).proportion_ci(level, method="exact")
        assert ends == pytest.approx([golden.low, golden.high], abs=1e-9)


def test_nothing_counted_says_nothing():
    assert np.ravel(exact_interval([0], [0])).tolist() == [0.0, 1.0]
