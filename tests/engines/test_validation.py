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


def test_scores_of_the_true_labels_are_kept_for_sets():
    scores = ValidationScores.of([[0.9, 0.1], [0.4, 0.6]], [0, 0])
    np.testing.assert_allclose(scores.nonconformity, [0.1, 0.6])
    assert scores.conformal_threshold(0.5) == pytest.approx(0.6)


def test_rows_and_labels_must_agree():
    with pytest.raises(DataError, match="2 rows of probabilities but 1 labels"):
        ValidationScores.of([[0.5, 0.5]] * 2, [0])
