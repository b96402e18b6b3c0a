from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from roomtone.errors import DataError
from roomtone.stats.mixture import fit_mixture

seeds = st.integers(0, 2**32 - 1)


def loss(weights: np.ndarray, table: np.ndarray) -> float:
    return float(-np.log(table @ weights).mean())


@pytest.mark.parametrize("seed", range(5))
def test_the_loss_equals_that_of_a_general_constrained_search(seed):
    table = np.random.default_rng(seed).beta(2, 1, (200, 4))
    golden = minimize(
        loss,
        np.full(4, 0.25),
        args=(table,),
        method="SLSQP",
        bounds=[(0, 1)] * 4,
        constraints={"type": "eq", "fun": lambda weights: weights.sum() - 1},
        options={"ftol": 1e-12},
    )
    assert loss(fit_mixture(table), table) == pytest.approx(golden.fun, abs=2e-6)


def test_the_weights_equal_those_of_a_search_by_brute_force():
    table = np.random.default_rng(1).beta(2, 1, (300, 3)) * [1, 0.9, 0.95]
    grid = [np.array([a, b, 100 - a - b]) / 100 for a in range(101) for b in range(101 - a)]
    best = min(grid, key=lambda weights: loss(weights, table))
    np.testing.assert_allclose(fit_mixture(table), best, atol=0.015)


@given(seeds, st.integers(1, 5), st.integers(1, 60))
def test_no_other_weights_are_better(seed, models, rows):
    generator = np.random.default_rng(seed)
    table = generator.random((rows, models))
    fitted = fit_mixture(table)
    assert fitted.min() >= 0
    assert fitted.sum() == pytest.approx(1)
    for other in [*np.eye(models), *generator.dirichlet(np.ones(models), 20)]:
        assert loss(fitted, table) <= loss(other, np.maximum(table, 1e-13)) + 2e-5


@given(seeds, st.permutations(range(4)))
def test_the_order_of_the_models_does_not_matter(seed, order):
    table = np.random.default_rng(seed).random((30, 4))
    np.testing.assert_allclose(fit_mixture(table[:, order]), fit_mixture(table)[order], atol=1e-6)


def test_equal_models_share_the_weight():
    table = np.random.default_rng(0).random((50, 1)).repeat(3, axis=1)
    np.testing.assert_allclose(fit_mixture(table), 1 / 3)


def test_a_model_that_rules_the_truth_out_gets_a_finite_loss():
    assert fit_mixture([[0.0, 0.5], [1.0, 0.5]]).tolist() == pytest.approx([0, 1], abs=0.01)
    assert fit_mixture([[0.0, 0.0]]).tolist() == [0.5, 0.5]


@pytest.mark.parametrize("table", [[0.5], [[]], [[1.5]], [[-0.1]], [[np.nan]], np.empty((0, 2))])
def test_what_are_no_probabilities_is_refused(table):
    with pytest.raises(DataError, match="a table of probabilities, rows by models"):
        fit_mixture(table)
