from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.stats import bootstrap
from sklearn.metrics import accuracy_score

from roomtone.errors import DataError
from roomtone.stats import SCORES, bootstrap_interval, classification_metrics


def noisy_labels(rows: int, seed: int, right: float = 0.75) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    true = generator.choice(3, size=rows, p=[0.5, 0.3, 0.2])
    wrong = (true + generator.integers(1, 3, rows)) % 3
    return true, np.where(generator.random(rows) < right, true, wrong)


def test_the_interval_equals_that_of_scipy_up_to_resampling_noise():
    true, predicted = noisy_labels(300, seed=1)
    ours = bootstrap_interval(true, predicted, 3, "accuracy", resamples=20_000)
    golden = bootstrap(
        (true, predicted),
        lambda t, p, axis: (t == p).mean(axis=axis),
        paired=True,
        n_resamples=9999,
        method="BCa",
        rng=np.random.default_rng(0),
    ).confidence_interval
    assert ours.method == "BCa"
    assert (ours.low, ours.high) == pytest.approx((golden.low, golden.high), abs=0.006)


def test_macro_f1_equals_that_of_scipy_up_to_resampling_noise():
    true, predicted = noisy_labels(120, seed=2)
    ours = bootstrap_interval(true, predicted, 3, resamples=20_000)
    golden = bootstrap(
        (true, predicted),
        lambda t, p: classification_metrics(t, p, 3).f1_macro,
        paired=True,
        vectorized=False,
        n_resamples=1500,
        method="BCa",
        rng=np.random.default_rng(0),
    ).confidence_interval
    assert (ours.low, ours.high) == pytest.approx((golden.low, golden.high), abs=0.02)


@pytest.mark.parametrize("metric", ["accuracy", "f1_macro"])
def test_a_95_percent_interval_covers_the_truth_in_about_95_percent_of_samples(metric):
    population = noisy_labels(400_000, seed=3)
    truth = getattr(classification_metrics(*population, 3), metric)
    intervals = [
        bootstrap_interval(*noisy_labels(200, seed), 3, metric, resamples=400, seed=seed)
        for seed in range(100, 500)
    ]
    coverage = np.mean([interval.low <= truth <= interval.high for interval in intervals])
    # Three standard errors of a share over 400 samples are 0.033.
    assert 0.917 <= coverage <= 0.983


@pytest.mark.parametrize("metric", list(SCORES))
def test_every_score_has_an_interval_around_its_estimate(metric):
    true, predicted = noisy_labels(200, seed=5)
    interval = bootstrap_interval(true, predicted, 3, metric, resamples=300)
    estimate = getattr(classification_metrics(true, predicted, 3), metric)
    assert interval.low < estimate < interval.high


def test_a_higher_level_gives_a_wider_interval():
    rows = noisy_labels(200, seed=6)
    narrow, wide = (bootstrap_interval(*rows, 3, level=level) for level in (0.8, 0.99))
    assert wide.low < narrow.low < narrow.high < wide.high


def test_the_order_of_the_rows_and_the_call_do_not_matter():
    true, predicted = noisy_labels(200, seed=7)
    order = np.random.default_rng(0).permutation(200)
    first = bootstrap_interval(true, predicted, 3, seed=9)
    assert first == bootstrap_interval(true[order], predicted[order], 3, seed=9)
    assert first != bootstrap_interval(true, predicted, 3, seed=10)


def test_many_classes_are_resampled_in_chunks_with_the_same_result(monkeypatch):
    true, predicted = noisy_labels(200, seed=8)
    whole = bootstrap_interval(true, predicted, 3, resamples=500)
    monkeypatch.setattr("roomtone.stats.resampling._CHUNK_VALUES", 9 * 7)
    assert bootstrap_interval(true, predicted, 3, resamples=500) == whole


@pytest.mark.parametrize(
    ("true", "predicted"), [([0, 1, 2] * 5, [0, 1, 2] * 5), ([1], [1]), ([0, 1], [1, 0])]
)
def test_where_nothing_varies_the_percentile_interval_is_the_estimate(true, predicted):
    interval = bootstrap_interval(true, predicted, 3, "accuracy")
    expected = accuracy_score(true, predicted)
    assert (interval.low, interval.high, interval.method) == (expected, expected, "percentile")


def test_an_interval_survives_json():
    interval = bootstrap_interval(*noisy_labels(50, seed=9), 3)
    values = json.loads(json.dumps(interval.to_dict()))
    assert set(values) == {"low", "high", "level", "method"}
    assert type(interval)(**values) == interval


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"metric": "f1_marco"}, "did you mean 'f1_macro'"),
        ({"level": 95}, "between 0 and 1, found 95"),
        ({"resamples": 1}, "2 or more, found 1"),
    ],
)
def test_impossible_requests_are_explained(arguments, complaint):
    with pytest.raises(DataError, match=complaint):
        bootstrap_interval([0, 1], [0, 1], 2, **arguments)
