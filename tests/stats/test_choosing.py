from __future__ import annotations

import json

import numpy as np
import pytest

from roomtone.errors import DataError
from roomtone.stats.choosing import (
    Comparison,
    FoldScores,
    NotComparable,
    Predictions,
    RowLosses,
    compare,
)


def fold_scores(models: int = 2, folds: int = 10, seed: int = 0) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(seed)
    return {f"model{i}": 0.7 + 0.03 * i + generator.normal(0, 0.01, folds) for i in range(models)}


def predictions(rows: int = 400, models: int = 2, seed: int = 0, **keys) -> Predictions:
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 3, rows)
    answers = {
        f"model{i}": np.where(
            generator.random(rows) < 0.6 + 0.08 * i, labels, generator.integers(0, 3, rows)
        )
        for i in range(models)
    }
    return Predictions(labels, answers, 3, **keys)


def test_fold_scores_get_the_corrected_t_test():
    (found,) = compare(FoldScores(fold_scores(), 900, 100))
    assert (found.method, found.model, found.reference) == ("corrected_t", "model1", "model0")
    assert found.low < found.difference < found.high
    assert found.outcome == "better"
    assert any("corrected resampled t-test" in sentence for sentence in found.decision)


def test_accuracy_on_one_test_set_gets_mcnemar_and_other_scores_a_permutation_test():
    (accuracy,) = compare(predictions(metric="accuracy"))
    (f1,) = compare(predictions(), resamples=500)
    grouped = predictions(metric="accuracy", groups=np.arange(400) // 10)
    (clustered,) = compare(grouped, resamples=500)
    assert [row.method for row in (accuracy, f1, clustered)] == [
        "mcnemar_midp",
        "paired_permutation",
        "paired_permutation",
    ]
    assert accuracy.difference == pytest.approx(clustered.difference)
    assert any("40 groups" in sentence for sentence in clustered.decision)


def test_losses_are_compared_so_that_less_is_better():
    generator = np.random.default_rng(1)
    losses = {"bad": generator.gamma(2, 1, 300), "good": generator.gamma(1, 1, 300)}
    (found,) = compare(RowLosses(losses), resamples=500)
    assert found.outcome == "better"
    assert found.difference == pytest.approx(losses["bad"].mean() - losses["good"].mean())
    (folds,) = compare(
        FoldScores({"bad": [0.9, 0.8, 0.85, 0.95, 0.9], "good": [0.5] * 5}, 8, 2, metric="log_loss")
    )
    assert folds.outcome == "better"


def test_several_models_are_compared_with_the_reference_and_corrected():
    rows = compare(FoldScores(fold_scores(4), 900, 100), reference="model2")
    assert [row.model for row in rows] == ["model0", "model1", "model3"]
    assert all(row.adjusted_p >= row.p_value for row in rows)
    assert [row.outcome for row in rows] == ["worse", "worse", "better"]
    assert "holm" in rows[0].sources
    assert len(compare(FoldScores(fold_scores(4), 900, 100), every_pair=True)) == 6


def test_a_pair_that_cannot_be_tested_is_named_and_counts_in_the_correction():
    scores = fold_scores(3)
    scores["copy"] = scores["model0"]
    *others, copy = compare(FoldScores(scores, 900, 100))
    assert copy.p_value is None
    assert "in every fold" in copy.note
    assert min(row.adjusted_p / row.p_value for row in others) >= 1.99
    assert max(row.adjusted_p / row.p_value for row in others) == pytest.approx(3)


@pytest.mark.parametrize(
    ("evidence", "complaint"),
    [
        (FoldScores({"a": [0.1, 0.2, 0.3], "b": [0.2, 0.1, 0.3]}, 80, 20), "3 fold scores are too"),
        (FoldScores({"a": [0.1] * 5, "b": [0.2] * 5}, 80, 20), "in every fold"),
        (Predictions([0, 1], {"a": [0, 0], "b": [0, 0]}, 2, "accuracy"), "on the same 2 rows"),
        (Predictions([0, 1], {"a": [0, 0], "b": [0, 1]}, 2), "fewer than 6"),
        (FoldScores({"a": [0.1] * 5}, 80, 20), "2 models or more"),
    ],
)
def test_what_the_data_cannot_bear_is_refused(evidence, complaint):
    with pytest.raises(NotComparable, match=complaint):
        compare(evidence)


@pytest.mark.parametrize(
    ("evidence", "keys", "complaint"),
    [
        (FoldScores(fold_scores(), 900, 100), {"reference": "modle1"}, "did you mean 'model1'"),
        (FoldScores(fold_scores(), 900, 100), {"method": "corected_t"}, "mean 'corrected_t'"),
        (FoldScores(fold_scores(), 900, 100), {"confidence": 95}, "between 0.5 and 1, found 95"),
        (FoldScores(fold_scores(), 0, 100), {}, "n_train must be 1 or more"),
        (FoldScores(fold_scores(), 900, 100, repeats=3), {}, "10 fold scores cannot be 3"),
        (FoldScores({"a": [1, 2], "b": [1]}, 9, 1), {}, "the same folds"),
        (FoldScores({"a": [1, np.nan], "b": [1, 2]}, 9, 1), {}, "flat list of numbers"),
        (predictions(metric="f1_marco"), {}, "did you mean 'f1_macro'"),
        (predictions(groups=[1, 2]), {}, "expected one for each of 400 rows"),
        (predictions(), {"method": "mcnemar_midp"}, "not one for this evidence"),
        (predictions(), {"resamples": 5}, "100 or more"),
    ],
)
def test_impossible_requests_are_explained(evidence, keys, complaint):
    with pytest.raises(DataError, match=complaint):
        compare(evidence, **keys)


def test_a_comparison_survives_json():
    for found in compare(predictions(models=3), resamples=200):
        values = json.loads(json.dumps(found.to_dict(), allow_nan=False))
        assert Comparison.from_dict(values) == found
    with pytest.raises(DataError, match="without metric"):
        Comparison.from_dict({key: value for key, value in values.items() if key != "metric"})


def test_swapping_the_models_changes_the_sign_alone():
    for evidence in (
        FoldScores(fold_scores(), 900, 100),
        predictions(metric="accuracy"),
        predictions(),
        predictions(groups=np.arange(400) // 8),
        RowLosses({f"model{i}": np.random.default_rng(i).random(50) for i in range(2)}),
    ):
        (one,) = compare(evidence, reference="model0", resamples=300)
        (two,) = compare(evidence, reference="model1", resamples=300)
        assert one.p_value == pytest.approx(two.p_value, abs=1e-12)
        assert one.difference == pytest.approx(-two.difference, abs=1e-12)
        assert (one.low, one.high) == pytest.approx((-two.high, -two.low), abs=1e-9)
