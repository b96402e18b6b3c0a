"""Intervals over rows and seeds at once: their coverage, and what they reduce to."""

import numpy as np
import pytest

from roomtone.errors import DataError
from roomtone.stats import bootstrap_interval
from roomtone.stats.crossed import crossed_scores, percentiles


def answers(rng, seeds, rows, base, row_spread, seed_spread):
    """Two classes; a row is answered rightly with a chance that depends on row and seed."""
    hard, luck = rng.normal(0, row_spread, rows), rng.normal(0, seed_spread, (seeds, 1))
    labels = rng.integers(0, 2, rows)
    right = rng.random((seeds, rows)) < np.clip(base + hard + luck, 0, 1)
    return labels, np.where(right, labels, 1 - labels)


def test_it_covers_what_other_rows_and_other_seeds_would_give():
    """Row-only intervals fail here: the seeds' luck is as large as that of the rows."""
    rng = np.random.default_rng(0)
    both = rows_alone = 0
    for repeat in range(150):
        labels, table = answers(rng, 8, 300, 0.7, 0.1, 0.05)
        crossed = percentiles(
            crossed_scores(labels, {"a": table}, 2, "accuracy", resamples=300, seed=repeat)["a"]
        )
        single = bootstrap_interval(labels, table[0], 2, "accuracy", resamples=300, seed=repeat)
        both += crossed.low <= 0.7 <= crossed.high
        rows_alone += single.low <= 0.7 <= single.high
    assert both >= 0.87 * 150
    assert rows_alone < both


def test_models_share_the_resamples_so_that_a_difference_is_paired():
    rng = np.random.default_rng(1)
    labels, table = answers(rng, 3, 200, 0.7, 0.1, 0.0)
    found = crossed_scores(labels, {"a": table, "same": table, "inverse": 1 - table}, 2, "accuracy")
    np.testing.assert_array_equal(found["a"], found["same"])
    np.testing.assert_allclose(found["a"], 1 - found["inverse"])


def test_with_one_seed_it_is_the_bootstrap_over_rows():
    labels, table = answers(np.random.default_rng(2), 1, 400, 0.7, 0.0, 0.0)
    found = percentiles(crossed_scores(labels, {"a": table}, 2, resamples=8000)["a"])
    rows = bootstrap_interval(labels, table[0], 2, resamples=8000)
    assert found.low == pytest.approx(rows.low, abs=0.006)
    assert found.high == pytest.approx(rows.high, abs=0.006)


def test_a_mistake_is_a_clear_error():
    with pytest.raises(DataError, match="did you mean 'accuracy'"):
        crossed_scores([0, 1], {"a": [[0, 1]]}, 2, "acuracy")
    for table in ([0, 1], [[0, 1, 1]]):
        with pytest.raises(DataError, match=r"expected the shape \[seeds, 2\]"):
            crossed_scores([0, 1], {"a": table}, 2)
    with pytest.raises(DataError, match="expected the shape"):
        crossed_scores([0, 1], {"a": [[0, 1]], "b": [[0, 1], [0, 1]]}, 2)
