from __future__ import annotations

import numpy as np
import pytest
from classical import fit_temperature
from scores import paired_difference

from roomtone.stats import classification_metrics


def _predictions(rows: int = 400) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 3, rows)
    first = np.where(rng.random(rows) < 0.7, truth, rng.integers(0, 3, rows))
    second = np.where(rng.random(rows) < 0.6, truth, rng.integers(0, 3, rows))
    return truth, first, second


def test_the_difference_is_that_of_the_scores_and_changes_sign_with_the_order() -> None:
    truth, first, second = _predictions()
    found = paired_difference(truth, first, second, 3)
    scores = [classification_metrics(truth, p, 3).f1_macro for p in (first, second)]
    assert found["value"] == pytest.approx(scores[0] - scores[1])
    turned = paired_difference(truth, second, first, 3)
    assert turned["value"] == pytest.approx(-found["value"])
    assert turned["low"] == pytest.approx(-found["high"], abs=0.005)


def test_the_interval_agrees_with_drawing_the_rows_themselves() -> None:
    truth, first, second = _predictions()
    rng = np.random.default_rng(5)
    drawn = []
    for _ in range(2000):
        rows = rng.integers(0, len(truth), len(truth))
        scores = [classification_metrics(truth[rows], p[rows], 3).f1_macro for p in (first, second)]
        drawn.append(scores[0] - scores[1])
    found = paired_difference(truth, first, second, 3)
    assert [found["low"], found["high"]] == pytest.approx(
        np.quantile(drawn, [0.025, 0.975]).tolist(), abs=0.006
    )


def test_a_model_does_not_differ_from_itself() -> None:
    truth, first, _ = _predictions()
    found = paired_difference(truth, first, first, 3)
    assert found["value"] == found["low"] == found["high"] == 0


def test_the_temperature_undoes_a_scaling_of_the_scores() -> None:
    rng = np.random.default_rng(1)
    scores = rng.normal(size=(20_000, 3)) * 2
    probs = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    labels = [int(rng.choice(3, p=row)) for row in probs]
    assert fit_temperature(4 * scores, labels) == pytest.approx(4, rel=0.05)
