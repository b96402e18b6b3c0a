from __future__ import annotations

import numpy as np
import pytest

from roomtone.engines.validation import ValidationScores
from roomtone.errors import DataError


def draw(rows: int, seed: int):
    rng = np.random.default_rng(seed)
    probs = rng.dirichlet((0.7, 0.7, 0.7), size=rows)
    return probs, np.array([rng.choice(3, p=row) for row in probs])


def test_as_many_validation_rows_lie_below_the_threshold_as_were_asked_for():
    scores = ValidationScores.of(*draw(1000, 1))
    assert (scores.confidence < scores.abstention_threshold(0.1)).mean() == pytest.approx(0.1)


@pytest.mark.parametrize("error_rate", [0.05, 0.1, 0.3])
def test_sets_miss_the_true_label_at_the_chosen_rate(error_rate):
    scores = ValidationScores.of(*draw(5000, 2))
    probs, labels = draw(5000, 3)
    inside = probs[np.arange(5000), labels] >= scores.conformal_threshold(error_rate)
    assert 1 - inside.mean() == pytest.approx(error_rate, abs=0.02)


def test_too_few_rows_for_the_rate_put_every_label_into_the_set():
    scores = ValidationScores.of([[0.9, 0.1]] * 5, [0] * 5)
    assert scores.conformal_threshold(0.1) == 0.0


def test_the_rank_is_that_of_the_finite_sample():
    """Of 9 scores and a rate of 0.2, the 8th: ceil(10 * 0.8)."""
    true = np.array([0.9, 0.8, 0.7, 0.6, 0.55, 0.5, 0.45, 0.4, 0.3])
    scores = ValidationScores.of(np.column_stack([true, 1 - true]), [0] * 9)
    assert scores.conformal_threshold(0.2) == pytest.approx(0.4)


@pytest.mark.parametrize("share", [0, 1, -0.1, 2])
def test_a_share_that_is_none_is_refused(share):
    scores = ValidationScores.of(*draw(50, 4))
    for threshold in (scores.abstention_threshold, scores.conformal_threshold):
        with pytest.raises(DataError, match="between 0 and 1"):
            threshold(share)


def test_rows_and_labels_must_agree():
    with pytest.raises(DataError, match="2 rows of probabilities but 1 labels"):
        ValidationScores.of([[0.5, 0.5]] * 2, [0])
