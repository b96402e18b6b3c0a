from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import bootstrap, permutation_test

from roomtone.stats import SCORES, classification_metrics
from roomtone.stats.choosing import Predictions, compare
from roomtone.stats.comparing.permutation import paired_permutation
from roomtone.stats.comparing.result import NotComparable
from roomtone.stats.paired import mean_of_losses, paired_losses, paired_predictions
from roomtone.stats.resampling import score_of


def answers(rows: int, seed: int, ahead: float = 0.0) -> tuple[np.ndarray, ...]:
    generator = np.random.default_rng(seed)
    labels = generator.choice(3, rows, p=[0.5, 0.3, 0.2])
    wrong = (labels + generator.integers(1, 3, (2, rows))) % 3
    right = generator.random((2, rows)) < np.array([[0.65 + ahead], [0.65]])
    return labels, *np.where(right, labels, wrong)


def test_macro_f1_equals_the_exact_test_of_scipy():
    labels, ours, theirs = answers(14, seed=3, ahead=0.2)

    def apart(first, second):
        scores = [classification_metrics(labels, given, 3).f1_macro for given in (first, second)]
        return abs(scores[0] - scores[1])

    golden = permutation_test(
        (ours, theirs),
        apart,
        permutation_type="samples",
        alternative="greater",
        vectorized=False,
        n_resamples=np.inf,
    )
    found = paired_permutation(
        paired_predictions(labels, ours, theirs, 3), score_of("f1_macro", 3), resamples=20_000
    )
    assert found.p_value == pytest.approx(golden.pvalue, abs=0.015)
    assert abs(found.difference) == pytest.approx(golden.statistic)


def test_losses_equal_the_exact_test_of_scipy():
    losses = np.random.default_rng(4).gamma(1, 1, (2, 13)) + np.array([[0.4], [0.0]])
    golden = permutation_test(
        (losses[1] - losses[0],),
        lambda values, axis: np.abs(values.mean(axis=axis)),
        permutation_type="samples",
        alternative="greater",
        n_resamples=np.inf,
    )
    found = paired_permutation(paired_losses(*losses), mean_of_losses, resamples=20_000)
    assert found.p_value == pytest.approx(golden.pvalue, abs=0.015)


def test_groups_equal_going_through_all_exchanges_of_groups():
    labels, ours, theirs = answers(60, seed=5, ahead=0.15)
    groups = np.arange(60) % 10
    gains = np.bincount(groups, (ours == labels) * 1.0 - (theirs == labels))
    signs = 1 - 2 * ((np.arange(2**10)[:, None] >> np.arange(10)) & 1)
    expected = np.mean(np.abs(signs @ gains) >= abs(gains.sum()))
    sample = paired_predictions(labels, ours, theirs, 3, groups)
    found = paired_permutation(sample, score_of("accuracy", 3), resamples=20_000)
    assert found.p_value == pytest.approx(expected, abs=0.015)


def test_the_interval_equals_that_of_scipy():
    labels, ours, theirs = answers(150, seed=6, ahead=0.1)
    golden = bootstrap(
        ((ours == labels) * 1.0 - (theirs == labels),), np.mean, rng=np.random.default_rng(0)
    ).confidence_interval
    sample = paired_predictions(labels, ours, theirs, 3)
    found = paired_permutation(sample, score_of("accuracy", 3))
    assert found.interval == "bca"
    assert (found.low, found.high) == pytest.approx((golden.low, golden.high), abs=0.01)


def test_the_interval_over_groups_equals_that_of_scipy_over_the_groups_sums():
    labels, ours, theirs = answers(240, seed=7, ahead=0.1)
    groups = np.arange(240) // 6
    gains = np.bincount(groups, (ours == labels) * 1.0 - (theirs == labels)) / 6
    golden = bootstrap((gains,), np.mean, rng=np.random.default_rng(0)).confidence_interval
    sample = paired_predictions(labels, ours, theirs, 3, groups)
    found = paired_permutation(sample, score_of("accuracy", 3))
    assert (found.low, found.high) == pytest.approx((golden.low, golden.high), abs=0.01)


def test_groups_of_one_row_are_the_rows():
    labels, ours, theirs = answers(100, seed=8, ahead=0.1)
    (rows,), (groups,) = (
        compare(Predictions(labels, {"a": theirs, "b": ours}, 3, groups=given))
        for given in (None, np.arange(100))
    )
    assert rows.p_value == pytest.approx(groups.p_value, abs=0.01)
    assert (rows.low, rows.high) == pytest.approx((groups.low, groups.high), abs=0.01)
    assert rows.difference == pytest.approx(groups.difference)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(list(SCORES)), st.booleans())
def test_what_holds_for_all_predictions(seed, metric, grouped):
    labels, ours, theirs = answers(60, seed)
    groups = np.arange(60) // 3 if grouped else None
    found, other = (
        compare(
            Predictions(labels, dict(zip("ab", pair, strict=True)), 3, metric, groups),
            method="paired_permutation",
            resamples=200,
        )[0]
        for pair in ((ours, theirs), (theirs, ours))
    )
    assert 0 < found.p_value <= 1
    assert found.low <= found.difference <= found.high
    assert other.p_value == found.p_value
    assert other.difference == pytest.approx(-found.difference)
    if found.difference:  # else it is open which of the two is drawn first
        assert (other.low, other.high) == pytest.approx((-found.high, -found.low))
    order = np.random.default_rng(seed).permutation(60)
    (again,) = compare(
        Predictions(
            labels[order],
            {"a": ours[order], "b": theirs[order]},
            3,
            metric,
            None if groups is None else groups[order],
        ),
        method="paired_permutation",
        resamples=200,
    )
    assert (again.p_value, again.low, again.high) == pytest.approx(
        (found.p_value, found.low, found.high)
    )


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_the_order_of_the_losses_does_not_matter(seed):
    losses = np.random.default_rng(seed).gamma(1, 1, (2, 30))
    order = np.random.default_rng(seed + 1).permutation(30)
    found, other = (
        paired_permutation(paired_losses(*given), mean_of_losses, resamples=100)
        for given in (losses, losses[:, order])
    )
    assert (found.p_value, found.low, found.high) == pytest.approx(
        (other.p_value, other.low, other.high)
    )


def test_where_the_bootstrap_cannot_be_corrected_it_takes_percentiles():
    labels = np.zeros(40, int)
    sample = paired_predictions(labels, labels, labels + 1, 2)
    found = paired_permutation(sample, score_of("accuracy", 2))
    assert (found.low, found.difference, found.high) == (1, 1, 1)
    assert found.interval == "percentile"
    assert found.p_value == pytest.approx(1 / 10_001)


def test_rows_needed_see_the_difference_four_times_in_five():
    labels, ours, theirs = answers(4000, seed=9, ahead=0.05)
    found = paired_permutation(paired_predictions(labels, ours, theirs, 3), score_of("mcc", 3))
    rows, generator = found.effects["units_needed"], np.random.default_rng(10)
    seen = 0
    for run in range(300):
        drawn = generator.integers(0, 4000, rows)
        sample = paired_predictions(labels[drawn], ours[drawn], theirs[drawn], 3)
        seen += (
            paired_permutation(sample, score_of("mcc", 3), resamples=199, seed=run).p_value < 0.05
        )
    assert seen / 300 == pytest.approx(0.8, abs=0.07)


@pytest.mark.timeout(300)  # one by one they would take longer; this takes 1 s by itself
def test_ten_thousand_resamples_of_ten_thousand_rows_do_not_go_row_by_row():
    labels, ours, theirs = answers(10_000, seed=11)
    for groups in (None, np.arange(10_000) // 4):
        compare(Predictions(labels, {"a": ours, "b": theirs}, 3, groups=groups), resamples=10_000)


def test_too_few_answers_that_differ_are_refused():
    labels = np.zeros(50, int)
    other = np.where(np.arange(50) < 5, 1, 0)
    with pytest.raises(NotComparable, match="5 rows"):
        paired_permutation(paired_predictions(labels, labels, other, 2), score_of("accuracy", 2))
    sample = paired_predictions(labels, labels, 1 - labels, 2, np.arange(50) % 4)
    with pytest.raises(NotComparable, match=r"4 rows \(or groups\) of 4"):
        paired_permutation(sample, score_of("accuracy", 2))
