from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mlxtend.evaluate import cochrans_q as golden_cochran
from scipy.stats import friedmanchisquare
from statsmodels.stats.contingency_tables import cochrans_q

from roomtone.errors import DataError
from roomtone.stats.comparing.result import NotComparable
from roomtone.stats.comparing.several import cochran_q, friedman

# Demšar (2006), table 6: AUC of C4.5, with m tuned, with cf tuned, and with both. The 0.9751 is
# printed as 0.975, and ranked before the 0.975 beside it.
AUC = np.array(
    [
        [0.763, 0.768, 0.771, 0.798],
        [0.599, 0.591, 0.590, 0.569],
        [0.954, 0.971, 0.968, 0.967],
        [0.628, 0.661, 0.654, 0.657],
        [0.882, 0.888, 0.886, 0.898],
        [0.936, 0.931, 0.916, 0.931],
        [0.661, 0.668, 0.609, 0.685],
        [0.583, 0.583, 0.563, 0.625],
        [0.775, 0.838, 0.866, 0.875],
        [1.000, 1.000, 1.000, 1.000],
        [0.940, 0.962, 0.965, 0.962],
        [0.619, 0.666, 0.614, 0.669],
        [0.972, 0.981, 0.9751, 0.975],
        [0.957, 0.978, 0.946, 0.970],
    ]
)


def by_model(table: np.ndarray) -> dict[str, np.ndarray]:
    return {f"m{number}": column for number, column in enumerate(np.transpose(table))}


def test_the_example_of_the_paper():
    # Average ranks 3.143, 2.000, 2.893, 1.964, from which chi-squared 9.28 and F(3, 39) 3.69; the
    # paper does not correct these two for ties, which makes them smaller.
    found = friedman(by_model(AUC))
    ranks = np.array(list(found.effects["mean_ranks"].values()))
    assert ranks == pytest.approx([3.143, 2.000, 2.893, 1.964], abs=5e-4)
    assert 12 * 14 / 20 * ((ranks**2).sum() - 25) == pytest.approx(9.28, abs=5e-3)
    assert found.statistic > 9.28
    assert found.effects["iman_davenport_f"] > 3.69
    assert found.effects["iman_davenport_degrees"] == [3, 39]
    assert found.p_value < 0.05


def test_friedman_equals_that_of_scipy_also_with_ties():
    found, golden = friedman(by_model(AUC)), friedmanchisquare(*AUC.T)
    assert found.statistic == pytest.approx(golden.statistic)
    assert found.p_value == pytest.approx(golden.pvalue, abs=0.01)


def test_the_p_of_friedman_is_that_of_the_exact_distribution():
    # Six data sets that all rank three models alike: 6 of 6**6 deals, and no other, go as far.
    table = np.tile([3, 2, 1], (6, 1))
    assert friedman(by_model(table), resamples=100_000).p_value == pytest.approx(
        6**-5, abs=4 * np.sqrt(6**-5 / 100_000)
    )


def test_cochran_equals_that_of_statsmodels_and_of_mlxtend():
    generator = np.random.default_rng(1)
    right = generator.random((3, 200)) < np.array([[0.7], [0.75], [0.85]])
    found, golden = cochran_q(by_model(right.T)), cochrans_q(right.T.astype(int))
    assert found.statistic == pytest.approx(golden.statistic)
    assert found.p_value == pytest.approx(golden.pvalue)
    assert (found.statistic, found.p_value) == pytest.approx(
        golden_cochran(np.ones(200, int), *right.astype(int))
    )


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(3, 5))
def test_neither_the_order_of_models_nor_of_rows_matters(seed, models):
    generator = np.random.default_rng(seed)
    table = generator.integers(0, 5, (8, models)).astype(float)
    right = generator.random((60, models)) < 0.5
    order, rows = generator.permutation(models), generator.permutation(8)
    for test, data, again in (
        (lambda given: friedman(given, resamples=200), table, table[rows]),
        (cochran_q, right, right[generator.permutation(60)]),
    ):
        found, other = test(by_model(data)), test(by_model(again[:, order]))
        assert 0 <= found.p_value <= 1
        assert other.p_value == pytest.approx(found.p_value)
        assert other.statistic == pytest.approx(found.statistic)


def test_many_permutations_are_made_in_chunks_with_the_same_result(monkeypatch):
    whole = friedman(by_model(AUC), resamples=500)
    monkeypatch.setattr("roomtone.stats.comparing.several._CHUNK_VALUES", 56 * 7)
    assert friedman(by_model(AUC), resamples=500) == whole


def test_what_cannot_be_tested_is_refused():
    with pytest.raises(NotComparable, match="5 data sets are too few"):
        friedman(by_model(AUC[:5]))
    with pytest.raises(NotComparable, match="same score on each of the 6"):
        friedman(by_model(np.ones((6, 3))))
    with pytest.raises(NotComparable, match="differ on 0 of 9 rows; Cochran's Q needs 8"):
        cochran_q(by_model(np.ones((9, 3), bool)))
    with pytest.raises(DataError, match="the same length"):
        cochran_q({"a": [True], "b": [True, False]})
