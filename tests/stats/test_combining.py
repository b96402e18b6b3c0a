from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.special import softmax

from roomtone.errors import DataError
from roomtone.stats.combining import combination_gain, fit_weighted_mean
from roomtone.stats.metrics import log_losses


def drawn(rows: int, strengths: tuple[float, ...], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Calibrated models that see the label through noise of their own, stronger or weaker."""
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 3, rows)
    evidence = [s**2 * np.eye(3)[labels] + s * generator.normal(size=(rows, 3)) for s in strengths]
    return softmax(np.stack(evidence), axis=2), labels


def test_a_useless_model_beside_a_good_one_makes_weights_worth_it():
    gain = combination_gain(*drawn(800, (2.0, 0.2), seed=1), fit_weighted_mean)
    assert gain.over_equal.log_loss.beyond_noise
    assert gain.over_equal.log_loss.estimate > 0
    assert gain.over_equal.log_loss.estimate == pytest.approx(gain.equal.nll - gain.fitted.nll)
    assert not gain.over_best_single.log_loss.low > 0, "the useless one adds nothing"


def test_models_that_are_as_good_gain_nothing_by_weights_and_much_over_a_single_one():
    beyond, gains = 0, []
    for seed in range(20):
        gain = combination_gain(*drawn(200, (1.0, 1.0, 1.0), seed), fit_weighted_mean)
        beyond += gain.over_equal.log_loss.low > 0
        gains.append(gain.over_best_single.log_loss.estimate)
    assert beyond <= 2
    assert np.mean(gains) > 0.05


def test_a_row_is_judged_by_what_was_fitted_without_it():
    probs, labels = drawn(50, (1.0, 1.0), seed=2)
    seen = []

    def fit(some, truth):
        seen.append({row.tobytes() for row in some[0]})

        def combine(others):
            assert not seen[-1] & {row.tobytes() for row in others[0]}
            return others.mean(axis=0)

        return combine

    gain = combination_gain(probs, labels, fit)
    assert len(seen) == 5
    assert set.union(*seen) == {row.tobytes() for row in probs[0]}
    assert gain.fitted == gain.equal, "every row was judged, and in its own place"


def test_the_best_single_model_is_chosen_without_the_rows_that_judge_it():
    # Each of many models is right by luck alone: chosen on the rows themselves, one looks good.
    generator = np.random.default_rng(3)
    probs = generator.dirichlet(np.ones(3), (30, 60))
    labels = generator.integers(0, 3, 60)
    gain = combination_gain(probs, labels, fit_weighted_mean)
    assert gain.best_single.nll > min(log_losses(table, labels).mean() for table in probs)


def test_the_gain_survives_json():
    gain = combination_gain(*drawn(40, (1.0, 1.0), seed=4), fit_weighted_mean)
    values = json.loads(json.dumps(gain.to_dict(), allow_nan=False))
    assert values["over_equal"]["f1_macro"]["level"] == 0.95
    assert values["fitted"]["n"] == values["n"] == 40


@pytest.mark.parametrize(
    ("probs", "labels", "message"),
    [
        (np.full((2, 1, 3), 1 / 3), [0], "2 rows or more"),
        (np.full((2, 3), 1 / 3), [0, 1], "models by rows by classes"),
        (np.full((2, 4, 3), 1 / 3), [0, 1], "4 rows of probabilities but 2 labels"),
    ],
)
def test_rows_that_do_not_fit_are_refused(probs, labels, message):
    with pytest.raises(DataError, match=message):
        combination_gain(probs, labels, fit_weighted_mean)
