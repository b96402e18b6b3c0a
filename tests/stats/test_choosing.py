from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.metrics import f1_score

from roomtone.errors import DataError
from roomtone.stats.choosing import (
    Comparison,
    DatasetScores,
    FoldScores,
    NotComparable,
    Predictions,
    RowLosses,
    SeedPredictions,
    SeedScores,
    compare,
)
from roomtone.stats.sources import SOURCES


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


def dataset_scores(models: int = 3, count: int = 12) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(3)
    ease = generator.uniform(0.5, 0.9, count)
    return {f"m{i}": ease + 0.02 * i + generator.normal(0, 0.02, count) for i in range(models)}


NAMES = [f"corpus {letter}" for letter in "abcdefghijkl"]


def test_data_sets_get_friedman_and_wilcoxon():
    overall, *pairs = compare(DatasetScores(dataset_scores(), NAMES), resamples=500)
    assert (overall.method, overall.model, overall.difference) == ("friedman", None, None)
    assert overall.outcome == "differ"
    assert set(overall.effects["mean_ranks"]) == {"m0", "m1", "m2"}
    assert [row.method for row in pairs] == ["wilcoxon"] * 2
    assert len(compare(DatasetScores(dataset_scores(2), NAMES))) == 1


def test_seeds_get_almost_stochastic_order():
    generator = np.random.default_rng(4)
    scores = {"a": generator.normal(0.7, 0.01, 5), "b": generator.normal(0.75, 0.01, 6)}
    (found,) = compare(SeedScores(scores), resamples=500)
    assert (found.method, found.outcome) == ("aso", "better")
    assert found.statistic == found.effects["eps_min"] < 0.2


def seed_predictions(rows: int = 400, seeds: int = 3, **keys) -> SeedPredictions:
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 3, rows)
    table = {
        f"model{i}": {
            seed: np.where(
                generator.random(rows) < 0.5 + 0.2 * i, labels, generator.integers(0, 3, rows)
            )
            for seed in range(seeds)
        }
        for i in range(2)
    }
    return SeedPredictions(labels, table, 3, **keys)


def test_predictions_of_several_seeds_are_compared_by_the_mean_over_seeds():
    evidence = seed_predictions()
    (found,) = compare(evidence)
    scores = {
        name: [f1_score(evidence.labels, row, average="macro") for row in of_model.values()]
        for name, of_model in evidence.predicted.items()
    }
    gap = np.mean(scores["model1"]) - np.mean(scores["model0"])
    assert (found.method, found.outcome) == ("seeds_and_rows", "better")
    assert found.difference == pytest.approx(gap)
    assert "one test set of 400 rows" in found.decision[0]
    # Over the seeds that both have.
    fewer = {**evidence.predicted, "model0": dict(list(evidence.predicted["model0"].items())[1:])}
    (found,) = compare(SeedPredictions(evidence.labels, fewer, 3))
    assert found.effects["seeds"] == 2
    assert found.note.startswith("With 2 seeds")
    assert found.difference == pytest.approx(
        np.mean(scores["model1"][1:]) - np.mean(scores["model0"][1:])
    )
    with pytest.raises(NotComparable, match="undecided: one seed"):
        compare(seed_predictions(seeds=1))


def test_five_repeats_of_two_folds_get_the_f_test():
    (found,) = compare(FoldScores(fold_scores(), 500, 500, repeats=5))
    assert found.method == "alpaydin_f"
    methods = ("dietterich_t", "corrected_t", "bayesian_correlated_t")
    for method in methods:
        (found,) = compare(FoldScores(fold_scores(), 500, 500, repeats=5), method=method)
        assert found.method == method
        assert found.difference > 0


def test_several_models_on_one_test_set_get_cochran_besides():
    overall, *pairs = compare(predictions(models=3, metric="accuracy"))
    assert overall.method == "cochran_q"
    assert [row.method for row in pairs] == ["mcnemar_midp"] * 2
    assert all(row.method != "cochran_q" for row in compare(predictions(models=3), resamples=200))


def test_a_test_of_all_models_that_cannot_be_made_says_why():
    labels = np.zeros(40, int)
    answers = {"a": labels, "b": np.eye(40, dtype=int)[0], "c": np.eye(40, dtype=int)[1]}
    overall, *pairs = compare(Predictions(labels, answers, 2, "accuracy"))
    assert overall.p_value is None
    assert "Cochran's Q needs 8" in overall.note
    assert all(row.p_value == 1 or row.p_value == 0.5 for row in pairs)


def test_scores_of_several_seeds_on_a_fold_count_once():
    scores = {
        name: np.stack([values, values + 0.002], axis=1) for name, values in fold_scores().items()
    }
    (several,), (one,) = (compare(FoldScores(table, 900, 100)) for table in (scores, fold_scores()))
    assert several.effects["degrees_of_freedom"] == one.effects["degrees_of_freedom"] == 9
    assert several.p_value == pytest.approx(one.p_value)


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
        (RowLosses({}), "2 models or more"),
        (DatasetScores(dataset_scores(2, 5), NAMES[:5]), "differ on 5 of 5 data sets"),
        (DatasetScores(dataset_scores(2, 6), [f"imdb-fold{i}" for i in range(6)]), "parts of one"),
        (DatasetScores(dataset_scores(2, 6), [f"Fold {i}" for i in range(6)]), "parts of one"),
        (DatasetScores(dataset_scores(2, 6), ["a"] * 6), r"same names \(a\)"),
        (
            DatasetScores(dataset_scores(2), NAMES, digests=["0a"] * 2 + NAMES[2:]),
            r"same digests \(0a\)",
        ),
        (SeedScores({"a": [0.1, 0.2, 0.3, 0.4], "b": [0.1] * 5}), "4 seeds|4 and 5"),
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
        (DatasetScores(dataset_scores(2), NAMES[:6]), {}, "the same data sets"),
        (FoldScores(fold_scores(), 900, 100), {"rope": -1}, "rope must be 0 or more"),
        (predictions(groups=[1, 2]), {}, "expected one for each of 400 rows"),
        (predictions(), {"method": "mcnemar_midp"}, "not one for this evidence"),
        (predictions(), {"resamples": 5}, "100 or more"),
    ],
)
def test_impossible_requests_are_explained(evidence, keys, complaint):
    with pytest.raises(DataError, match=complaint):
        compare(evidence, **keys)


@pytest.mark.parametrize(
    "evidence",
    [
        FoldScores(fold_scores(3), 900, 100),
        FoldScores(fold_scores(), 500, 500, repeats=5),
        predictions(models=3, metric="accuracy"),
        predictions(groups=np.arange(400) // 10),
        DatasetScores(dataset_scores(), NAMES),
        SeedScores(fold_scores()),
        seed_predictions(),
    ],
)
def test_whatever_was_used_has_a_source_and_survives_json(evidence):
    for found in compare(evidence, resamples=200):
        assert set(found.sources) <= set(SOURCES)
        values = json.loads(json.dumps(found.to_dict(), allow_nan=False))
        assert Comparison.from_dict(values) == found
        assert all(sentence.endswith(".") for sentence in found.decision)
    with pytest.raises(DataError, match="without metric"):
        Comparison.from_dict({key: value for key, value in values.items() if key != "metric"})


def test_swapping_the_models_changes_the_sign_alone():
    for evidence in (
        FoldScores(fold_scores(), 900, 100),
        predictions(metric="accuracy"),
        predictions(),
        predictions(groups=np.arange(400) // 8),
        RowLosses({f"model{i}": np.random.default_rng(i).random(50) for i in range(2)}),
        DatasetScores(dataset_scores(2), NAMES),
        SeedScores(fold_scores()),
        seed_predictions(),
    ):
        names = [*getattr(evidence, "scores", ())] or ["model0", "model1"]
        (one,), (two,) = (compare(evidence, reference=name, resamples=300) for name in names)
        assert one.p_value == pytest.approx(two.p_value, abs=1e-12)
        assert one.difference == pytest.approx(-two.difference, abs=1e-12)
        assert (one.low, one.high) == pytest.approx((-two.high, -two.low), abs=1e-9)
