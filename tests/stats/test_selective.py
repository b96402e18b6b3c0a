from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from roomtone.errors import DataError
from roomtone.stats.selective import abstention, abstention_threshold, risk_coverage

rows = st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=1, max_size=40)


def brute_force(confidence: np.ndarray, correct: np.ndarray, draws: int) -> float:
    """Mean of the area over random orders of the rows that tie."""
    generator = np.random.default_rng(0)
    areas = []
    for _ in range(draws):
        order = np.lexsort((generator.random(confidence.size), -confidence))
        wrong = ~correct[order]
        areas.append(np.mean([wrong[: k + 1].mean() for k in range(wrong.size)]))
    return float(np.mean(areas))


def test_the_area_equals_a_hand_computed_one():
    # Risks 0, 1/2, 1/3, 1/2 at coverages 1/4 to 1; ranked at best 0, 0, 1/3, 1/2.
    curve = risk_coverage([0.9, 0.8, 0.7, 0.6], [True, False, True, False])
    assert curve.coverage == (0.25, 0.5, 0.75, 1.0)
    assert curve.risk == pytest.approx((0, 1 / 2, 1 / 3, 1 / 2))
    assert curve.confidence == (0.9, 0.8, 0.7, 0.6)
    assert curve.aurc == pytest.approx((1 / 2 + 1 / 3 + 1 / 2) / 4)
    assert curve.excess == pytest.approx(1 / 8)
    assert [curve.risk_at(share) for share in (0.5, 0.6, 1.0)] == pytest.approx(
        [1 / 2, 1 / 3, 1 / 2]
    )


def test_ties_count_as_the_mean_over_their_orders():
    generator = np.random.default_rng(1)
    confidence = generator.integers(0, 4, 25) / 4
    correct = generator.random(25) < 0.3 + 0.6 * confidence
    golden = brute_force(confidence, correct, 4000)
    assert risk_coverage(confidence, correct).aurc == pytest.approx(golden, abs=0.005)


@given(rows, st.randoms())
def test_the_order_of_the_rows_does_not_matter(pairs, random):
    curve = risk_coverage(*zip(*pairs, strict=True))
    random.shuffle(pairs)
    assert risk_coverage(*zip(*pairs, strict=True)) == curve


@given(rows)
def test_the_curve_ends_at_the_share_of_errors_and_is_never_better_than_the_best(pairs):
    curve = risk_coverage(*zip(*pairs, strict=True))
    assert curve.coverage[-1] == 1
    assert curve.risk[-1] == pytest.approx(1 - np.mean([right for _, right in pairs]))
    assert curve.best_aurc <= curve.aurc + 1e-12
    assert len(curve.coverage) == len(curve.risk) == len(curve.confidence)


def test_a_long_curve_keeps_few_points_and_the_area_of_all_rows():
    generator = np.random.default_rng(2)
    confidence = generator.random(30_000)
    curve = risk_coverage(confidence, generator.random(30_000) < confidence)
    assert len(curve.risk) == 200
    assert (curve.coverage[0], curve.coverage[-1]) == (1 / 200, 1.0)
    # Errors are (1 - c) at confidence c: the mean above c is (1 - c) / 2, its mean 1/4.
    assert curve.aurc == pytest.approx(1 / 4, abs=0.01)
    assert json.loads(json.dumps(curve.to_dict(), allow_nan=False))["n"] == 30_000


@given(st.lists(st.floats(0.3, 1), min_size=1), st.floats(0.01, 0.99))
def test_about_the_share_asked_for_lies_below_the_threshold(confidence, share):
    below = np.array(confidence) < abstention_threshold(confidence, share)
    assert below.mean() <= share + 1 / len(confidence) + 1e-12


def test_abstaining_on_the_hard_texts_leaves_the_share_and_raises_the_accuracy():
    generator = np.random.default_rng(3)
    best = generator.uniform(0.5, 1, 4000)
    probs = np.stack([best, 1 - best], axis=1)
    labels = (generator.random(4000) > best).astype(int)
    validation, test = slice(None, 2000), slice(2000, None)
    result = abstention(best[validation], (probs[test], labels[test]), 0.2)
    assert result.undecided == pytest.approx(0.2, abs=0.03)
    assert result.threshold == pytest.approx(0.6, abs=0.02)
    assert result.accuracy > (labels[test] == 0).mean() + 0.03
    # Wrong predictions, those of class 1, are the hard ones.
    assert result.undecided_by_class[1] > result.undecided_by_class[0]
    assert json.loads(json.dumps(result.to_dict(), allow_nan=False))["share"] == 0.2


def test_nothing_decided_has_no_accuracy_and_an_absent_class_no_share():
    result = abstention([0.9, 0.9], ([[0.6, 0.4, 0.0]], [0]), 0.5)
    assert (result.accuracy, result.undecided) == (None, 1.0)
    assert result.undecided_by_class == (1.0, None, None)


@pytest.mark.parametrize("share", [0, 1, -1, float("nan")])
def test_a_share_that_is_none_is_refused(share):
    with pytest.raises(DataError, match="abstain must lie between 0 and 1"):
        abstention_threshold([0.5], share)


@pytest.mark.parametrize(
    ("confidence", "correct", "message"),
    [
        ([], [], "at least one"),
        ([0.5, np.nan], [True, True], "not finite"),
        ([0.5], [True, False], "1 confidences for 2 predictions"),
    ],
)
def test_rows_that_cannot_be_used_are_refused(confidence, correct, message):
    with pytest.raises(DataError, match=message):
        risk_coverage(confidence, correct)
