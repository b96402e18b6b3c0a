from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import softmax
from scipy.stats import betabinom

from roomtone.errors import DataError
from roomtone.stats.calibrating import calibrate
from roomtone.stats.conformal import (
    NONCONFORMITY,
    aps_scores,
    conformal_coverage,
    conformal_threshold,
    label_sets,
    lac_scores,
)

CENTRES = np.array([[1.0, 0.0, 0.0], [0.0, 0.5, 0.0], [0.0, 0.0, 2.0]])


def drawn(rows: int, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of a crude engine, wrong and overconfident, and true labels."""
    labels = generator.choice(3, size=rows, p=[0.5, 0.2, 0.3])
    return softmax(3 * (CENTRES[labels] + generator.normal(size=(rows, 3))), axis=1), labels


def threshold_on(rows, error_rate: float, score: str = "lac") -> float:
    probs, labels = map(np.asarray, rows)
    return conformal_threshold(
        NONCONFORMITY[score](probs)[np.arange(len(labels)), labels], error_rate
    )


@pytest.mark.parametrize("score", NONCONFORMITY)
@pytest.mark.parametrize("error_rate", [0.05, 0.2])
def test_coverage_is_what_was_asked_for_whatever_the_engine(score, error_rate):
    generator = np.random.default_rng(1)
    samples, rows, unseen = 300, 99, 50
    hits = sum(
        round(
            unseen
            * conformal_coverage(
                threshold_on(drawn(rows, generator), error_rate, score),
                drawn(unseen, generator),
                error_rate,
                score,
            ).coverage
        )
        for _ in range(samples)
    )
    # Given its calibration rows, a sample's hits are beta-binomial (Angelopoulos & Bates 2021,
    # section 3.2); three standard deviations of their sum below what was asked for.
    rank = np.ceil((rows + 1) * (1 - error_rate))
    spread = np.sqrt(samples * betabinom(unseen, rank, rows + 1 - rank).var())
    assert hits >= samples * unseen * (1 - error_rate) - 3 * spread


def test_coverage_holds_after_a_calibration_that_was_fitted_on_the_same_rows():
    # The scores are cross-fitted, so that few rows and many parameters do no harm.
    generator = np.random.default_rng(2)
    hits = 0
    for _ in range(60):
        probs, labels = drawn(40, generator)
        unseen, truth = drawn(50, generator)
        report, crossfitted = calibrate(np.log(probs), labels, method="vector")
        test = report.calibration.apply(np.log(unseen)), truth
        hits += round(
            50 * conformal_coverage(threshold_on((crossfitted, labels), 0.1), test, 0.1).coverage
        )
    spread = np.sqrt(60 * betabinom(50, 37, 4).var())  # the 37th of 40 scores
    assert hits >= 60 * 50 * 0.9 - 3 * spread


def test_sets_of_the_least_ambiguous_classifier_are_a_cut_in_the_probability():
    probs = np.array([[0.7, 0.2, 0.1], [0.4, 0.35, 0.25], [0.3, 0.3, 0.4]])
    sets = label_sets(lac_scores(probs), 0.7)
    assert sets.tolist() == [[True, False, False], [True, True, False], [True, True, True]]


def test_adaptive_scores_add_up_what_is_as_probable():
    scores = aps_scores([[0.7, 0.2, 0.1], [0.25, 0.5, 0.25]])
    np.testing.assert_allclose(scores, [[0.7, 0.9, 1.0], [1.0, 0.5, 1.0]])


def test_the_threshold_is_an_order_statistic():
    scores = np.arange(1, 100) / 100
    assert conformal_threshold(scores, 0.1) == 0.9  # the 90th of 99
    assert conformal_threshold(scores[::-1], 0.3) == 0.7
    assert conformal_threshold(scores, 0.005) == np.inf  # would be the 100th


@given(st.integers(1, 400), st.integers(1, 99))
def test_the_rank_is_exact(rows, percent):
    threshold = conformal_threshold(np.arange(1, rows + 1), percent / 100)
    rank = -(-(rows + 1) * (100 - percent) // 100)  # whole numbers, rounded up
    assert threshold == (rank if rank <= rows else np.inf)


@given(st.integers(0, 1000), st.sampled_from(list(NONCONFORMITY)), st.permutations(range(3)))
def test_no_set_is_empty_and_the_order_of_the_classes_does_not_matter(seed, score, order):
    generator = np.random.default_rng(seed)
    probs, labels = drawn(30, generator)
    nonconformity = NONCONFORMITY[score]
    threshold = threshold_on((probs, labels), 0.4, score)
    sets = label_sets(nonconformity(probs), threshold)
    assert sets.any(axis=1).all()
    np.testing.assert_array_equal(
        label_sets(nonconformity(probs[:, order]), threshold), sets[:, order]
    )


@given(st.integers(0, 1000), st.sampled_from(list(NONCONFORMITY)))
def test_a_lower_error_rate_never_gives_a_smaller_set(seed, score):
    scores = NONCONFORMITY[score](drawn(50, np.random.default_rng(seed))[0])
    thresholds = [conformal_threshold(scores[:, 0], rate) for rate in (0.4, 0.2, 0.05)]
    sets = [label_sets(scores, threshold) for threshold in thresholds]
    assert (sets[0] <= sets[1]).all()
    assert (sets[1] <= sets[2]).all()


def test_coverage_is_counted_by_class_and_by_size():
    probs = np.array([[0.6, 0.3, 0.1]] * 2 + [[0.2, 0.75, 0.05]] * 2)
    # Nine calibration rows with scores 0.1 to 0.9: the threshold for 0.3 is the 7th, 0.7.
    calibration = np.array([[p, 1 - p, 0] for p in np.arange(1, 10) / 10]), np.zeros(9, int)
    result = conformal_coverage(threshold_on(calibration, 0.3), (probs, [0, 1, 0, 1]), 0.3)
    assert result.threshold == pytest.approx(0.7)
    assert (result.n, result.coverage, result.mean_size) == (4, 0.75, 1.5)
    assert result.coverage_by_class == (0.5, 1.0, None)
    assert result.share_by_size == (0.5, 0.5, 0.0)
    assert result.low < 0.75 < result.high
    assert json.loads(json.dumps(result.to_dict(), allow_nan=False))["threshold"] is not None


def test_too_few_rows_give_every_label_and_null_in_json():
    result = conformal_coverage(threshold_on(([[0.9, 0.1]], [0]), 0.1), ([[0.9, 0.1]], [1]), 0.1)
    assert (result.coverage, result.mean_size, result.threshold) == (1.0, 2.0, None)


@pytest.mark.parametrize("rate", [0, 1, -0.1, 1.5, float("nan")])
def test_an_error_rate_that_is_none_is_refused(rate):
    with pytest.raises(DataError, match="error_rate must lie between 0 and 1"):
        conformal_threshold([0.1], rate)


def test_no_rows_are_refused():
    with pytest.raises(DataError, match="flat list"):
        conformal_threshold([], 0.1)
