from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from roomtone.errors import DataError
from roomtone.stats.telling import log_odds

TABLES = st.integers(2, 4).flatmap(
    lambda classes: st.integers(1, 8).flatmap(
        lambda words: arrays(np.int64, (words, classes), elements=st.integers(0, 500))
    )
)


def test_it_is_the_formula_written_out_for_one_word():
    # Monroe, Colaresi & Quinn (2008), (16) and (22), by hand: 30 of 1000 words against 10 of 500.
    counts = np.array([[30, 10], [970, 490]])
    prior, background = 200.0, 200.0 * 40 / 1500
    first = np.log((30 + background) / (1000 + prior - 30 - background))
    second = np.log((10 + background) / (500 + prior - 10 - background))
    spread = np.sqrt(1 / (30 + background) + 1 / (10 + background))
    found = log_odds(counts, prior_words=prior)
    assert found.estimate[0, 0] == pytest.approx(first - second)
    assert found.z[0, 0] == pytest.approx((first - second) / spread)


@given(TABLES)
def test_every_value_is_finite_and_two_classes_mirror_each_other(table):
    found = log_odds(table)
    assert np.isfinite(found.estimate).all()
    assert np.isfinite(found.z).all()
    two = log_odds(table[:, :2]).z
    assert two[:, 0] == pytest.approx(-two[:, 1], abs=1e-9)
    swapped = log_odds(table[:, ::-1]).z
    assert swapped[:, ::-1] == pytest.approx(found.z, abs=1e-9)


def test_a_rare_word_with_high_odds_stands_behind_a_frequent_one_with_lower_odds():
    counts = np.array([[2, 0], [300, 200], [5000, 5000]])
    raw = counts[:2, 0] / np.maximum(counts[:2, 1], 0.5)
    z = log_odds(counts).z[:, 0]
    assert raw[0] > raw[1]
    assert z[0] < z[1]


def test_where_classes_do_not_differ_few_words_stand_out():
    random = np.random.default_rng(5)
    shares = 1 / np.arange(1, 401)
    shares /= shares.sum()
    tables = [
        np.stack([random.multinomial(20_000, shares), random.multinomial(7_000, shares)], axis=1)
        for _ in range(50)
    ]
    beyond = np.mean([np.abs(log_odds(table).z[:, 0]) > 1.96 for table in tables])
    assert 0.005 < beyond <= 0.05  # the prior shrinks, so that it stays below the nominal 5 %


def test_nothing_counted_tells_nothing():
    assert log_odds(np.zeros((3, 2))).z.tolist() == [[0.0, 0.0]] * 3
    assert log_odds([[5, 1], [0, 0]]).z[1].tolist() == [0.0, 0.0]


@pytest.mark.parametrize("counts", [[1, 2], [[1], [2]], [[-1, 2]], [[float("nan"), 1]]])
def test_what_are_no_counts_is_refused(counts):
    with pytest.raises(DataError, match="count"):
        log_odds(counts)


def test_a_prior_without_weight_is_refused():
    with pytest.raises(DataError, match="prior_words"):
        log_odds([[1, 2]], prior_words=0)
