from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import log_softmax

from roomtone.errors import DataError
from roomtone.stats import Calibration, classification_metrics, expected_calibration_error
from roomtone.stats.calibrating import calibrate, calibration_scores

IDENTITY = Calibration.identity(3)
OVERCONFIDENT = Calibration("temperature", (0.4,) * 3, (0.0,) * 3)
SKEWED = Calibration("vector", (0.5, 1.0, 0.8), (1.0, -1.0, 0.0))


def drawn(rows: int, truth: Calibration, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Log-probabilities, and labels drawn from what the calibration makes of them."""
    generator = np.random.default_rng(seed)
    log_probs = log_softmax(generator.normal(scale=2, size=(rows, 3)), axis=1)
    cumulated = truth.apply(log_probs).cumsum(axis=1)
    return log_probs, (generator.random((rows, 1)) > cumulated[:, :-1]).sum(axis=1)


def test_it_chooses_a_temperature_where_the_labels_were_drawn_from_one():
    report, _ = calibrate(*drawn(3000, OVERCONFIDENT, seed=1))
    assert report.calibration.kind == "temperature"
    assert report.candidates["temperature"] < report.candidates["identity"]


@pytest.mark.parametrize("truth", [OVERCONFIDENT, SKEWED, IDENTITY])
def test_what_it_chooses_by_itself_changes_no_label(truth):
    log_probs, labels = drawn(500, truth, seed=1)
    report, _ = calibrate(log_probs, labels)
    chosen = report.calibration.apply(log_probs)
    assert np.array_equal(chosen.argmax(axis=1), log_probs.argmax(axis=1))


def test_honest_probabilities_are_nearly_always_left_alone():
    kinds = [calibrate(*drawn(200, IDENTITY, seed))[0].calibration.kind for seed in range(25)]
    # One standard error lets through less than a sixth, since a useless fit also loses a little.
    assert kinds.count("identity") >= 20


def test_before_and_after_are_what_other_functions_compute():
    log_probs, labels = drawn(500, OVERCONFIDENT, seed=2)
    report, probs = calibrate(log_probs, labels)
    for scores, table in (
        (report.validation_before, np.exp(log_probs)),
        (report.validation_after, probs),
    ):
        metrics = classification_metrics(labels, table.argmax(axis=1), 3, table)
        assert (scores.n, scores.f1_macro) == (500, metrics.f1_macro)
        assert scores.nll == pytest.approx(metrics.log_loss)
        assert scores.brier == pytest.approx(metrics.brier)
        assert scores.ece == pytest.approx(metrics.ece)
        mass = expected_calibration_error(table, labels, equal_mass=True)
        assert scores.ece_equal_mass == pytest.approx(mass)
    assert report.validation_after.nll < report.validation_before.nll
    assert report.validation_after.ece < report.validation_before.ece


def test_after_is_what_new_rows_show_and_not_what_the_fitted_rows_show():
    fitted, honest, new = [], [], []
    for seed in range(60):
        log_probs, labels = drawn(40, OVERCONFIDENT, seed)
        report, _ = calibrate(
            log_probs, labels, method="vector", test=drawn(2000, OVERCONFIDENT, seed + 1000)
        )
        fitted.append(calibration_scores(report.calibration.apply(log_probs), labels).nll)
        honest.append(report.validation_after.nll)
        new.append(report.test_after.nll)
    assert np.mean(fitted) < np.mean(new) - 0.05, "six parameters on 40 rows look good there"
    assert np.mean(honest) > np.mean(new) - 0.02  # may err to the safe side


def test_a_row_is_judged_by_what_has_not_seen_it():
    log_probs, labels = drawn(50, OVERCONFIDENT, seed=3)
    _, before = calibrate(log_probs, labels, method="vector")
    altered = log_probs.copy()
    altered[0] = altered[0, ::-1] + [0, 5, 0]
    _, after = calibrate(altered, labels, method="vector")
    same = np.isclose(before, after, atol=1e-9).all(axis=1)
    # Only the rows of its own fold were judged by a calibration without it.
    assert same.sum() == 50 // 5 - 1


def test_test_rows_decide_nothing():
    rows = drawn(300, SKEWED, seed=4)
    alone, _ = calibrate(*rows)
    tested, _ = calibrate(*rows, test=drawn(100, IDENTITY, seed=5))
    assert tested.calibration == alone.calibration
    assert tested.validation_after == alone.validation_after
    assert tested.test_before.n == tested.test_after.n == 100


@settings(max_examples=15)
@given(st.integers(0, 2**32 - 1), st.permutations(range(3)))
def test_the_order_of_the_classes_does_not_matter(seed, order):
    log_probs, labels = drawn(60, SKEWED, seed)
    report, probs = calibrate(log_probs, labels)
    other, others = calibrate(log_probs[:, order], np.argsort(order)[labels])
    assert other.calibration.kind == report.calibration.kind
    np.testing.assert_allclose(others, probs[:, order], atol=2e-3)


@pytest.mark.parametrize("rows", [1, 2, 3, 7])
@pytest.mark.parametrize("method", ["auto", "temperature", "vector"])
def test_a_handful_of_rows_is_enough_not_to_crash(rows, method):
    report, probs = calibrate(*drawn(rows, IDENTITY, seed=rows), method=method)
    np.testing.assert_allclose(probs.sum(axis=1), 1)
    assert report.validation_after.n == rows


def test_rare_classes_are_not_given_up_for_the_likelihood():
    # Weak evidence, from an engine that was trained with balanced class weights: the likelihood is
    # best served by hardly ever naming the rare class.
    generator = np.random.default_rng(9)
    labels = generator.choice(3, 2000, p=[0.1, 0.45, 0.45])
    evidence = 0.25 * np.eye(3)[labels] + 0.5 * generator.normal(size=(2000, 3))
    log_probs = log_softmax(evidence, axis=1)
    report, _ = calibrate(log_probs, labels)
    assert report.validation_after.f1_macro == report.validation_before.f1_macro
    forced, _ = calibrate(log_probs, labels, method="vector")
    assert forced.validation_after.nll < report.validation_after.nll
    assert forced.validation_after.f1_macro < report.validation_after.f1_macro - 0.02


def test_the_report_survives_json():
    report, _ = calibrate(*drawn(60, SKEWED, seed=7), test=drawn(60, SKEWED, seed=8))
    values = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert Calibration.from_dict(values["calibration"]) == report.calibration
    assert values["test_after"]["nll"] == report.test_after.nll


def test_an_unknown_method_is_refused():
    with pytest.raises(DataError, match=r"'temprature' \(known: .*did you mean 'temperature'"):
        calibrate(*drawn(5, IDENTITY, seed=0), method="temprature")
