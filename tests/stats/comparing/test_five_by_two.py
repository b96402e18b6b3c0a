from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from mlxtend.evaluate import combined_ftest_5x2cv, paired_ttest_5x2cv
from sklearn.dummy import DummyClassifier

from roomtone.errors import DataError
from roomtone.stats.comparing.five_by_two import alpaydin_f, dietterich_t
from roomtone.stats.comparing.result import NotComparable

DIFFERENCES = arrays(float, 10, elements=st.integers(-50, 50).map(lambda n: n / 500))


def vary(values: np.ndarray) -> bool:
    return np.ptp(values.reshape(5, 2), axis=1).max() > 0


def scored(differences: np.ndarray) -> Iterator[float]:
    """Scores as mlxtend asks for them: two models on one half, then both on the other."""
    for difference in differences:
        yield from (0.5 + difference, 0.5)


@pytest.mark.parametrize(
    ("ours", "golden"), [(dietterich_t, paired_ttest_5x2cv), (alpaydin_f, combined_ftest_5x2cv)]
)
def test_it_equals_that_of_mlxtend(ours, golden):
    differences = np.random.default_rng(1).normal(0.02, 0.02, 10)
    scores = scored(differences)
    statistic, p_value = golden(
        DummyClassifier(),
        DummyClassifier(),
        np.zeros((20, 1)),
        np.arange(20) % 2,
        scoring=lambda *_: next(scores),
    )
    found = ours(differences)
    assert found.statistic == pytest.approx(statistic)
    assert found.p_value == pytest.approx(p_value)


@given(DIFFERENCES.filter(vary))
def test_what_holds_for_all_differences(differences):
    for test in (dietterich_t, alpaydin_f):
        found, other = test(differences), test(-differences)
        assert 0 <= found.p_value <= 1
        assert other.p_value == pytest.approx(found.p_value)
        assert other.difference == pytest.approx(-found.difference)
        if found.low is None:
            assert "No interval" in found.note
        else:
            assert found.low <= found.difference <= found.high
            assert (other.low, other.high) == pytest.approx((-found.high, -found.low))


@given(DIFFERENCES.filter(vary), st.randoms())
def test_f_depends_neither_on_the_order_of_the_repeats_nor_of_their_folds(differences, random):
    table = differences.reshape(5, 2).tolist()
    random.shuffle(table)
    for repeat in table:
        random.shuffle(repeat)
    again = alpaydin_f(np.ravel(table))
    assert again.p_value == pytest.approx(alpaydin_f(differences).p_value)


@given(DIFFERENCES.filter(vary))
def test_the_interval_of_f_holds_what_the_test_does_not_reject(differences):
    found = alpaydin_f(differences)
    if found.low is not None:
        assert (found.p_value < 0.05 - 1e-9) <= (found.low > 0 or found.high < 0)
        assert alpaydin_f(differences - found.low).p_value == pytest.approx(0.05)
        assert alpaydin_f(differences - found.high).p_value == pytest.approx(0.05)


@pytest.mark.parametrize("test", [dietterich_t, alpaydin_f])
def test_what_cannot_be_tested_is_refused(test):
    with pytest.raises(NotComparable, match="both folds of each repeat"):
        test(np.repeat([0.1, 0.2, 0.3, 0.1, 0.0], 2))
    with pytest.raises(DataError, match="10 differences"):
        test([0.1, 0.2])
