"""Where the models are alike, each test rejects in one case of twenty, or more rarely."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, ttest_1samp

from roomtone.stats.choosing import FoldScores, compare
from roomtone.stats.comparing.correlated import bayesian_correlated_t, corrected_t
from roomtone.stats.comparing.dominance import THRESHOLD, almost_stochastic_order
from roomtone.stats.comparing.five_by_two import alpaydin_f, dietterich_t
from roomtone.stats.comparing.mcnemar import discordant, mcnemar
from roomtone.stats.comparing.permutation import paired_permutation
from roomtone.stats.comparing.seeds_and_rows import seeds_and_rows
from roomtone.stats.comparing.several import cochran_q, friedman
from roomtone.stats.comparing.wilcoxon import wilcoxon
from roomtone.stats.paired import mean_of_losses, paired_losses, paired_predictions
from roomtone.stats.resampling import score_of

RUNS, LEVEL = 2000, 0.05
LEAST, MOST = (binom.ppf(tail, RUNS, LEVEL) / RUNS for tail in (0.025, 0.975))


def rejected(p_values) -> float:
    assert len(p_values) == RUNS
    return float(np.mean(np.asarray(p_values) <= LEVEL + 1e-12))


def fold_accuracies(
    runs: int, rows: int, folds: int, repeats: int, generator: np.random.Generator
) -> np.ndarray:
    """Differences of accuracy, [runs, repeats * folds], of two classifiers that are alike.

    Each puts a row to the class with the nearer mean, one by the first feature, the other by the
    second; the features are exchangeable, so that neither classifier is better. Means are taken
    over the training rows of the fold alone.
    """
    labels = np.tile([-1.0, 1.0], rows // 2)
    features = 0.4 * labels[:, None] + generator.normal(size=(runs, rows, 2))
    found = []
    for _ in range(repeats):
        order = generator.permuted(np.tile(np.arange(rows), (runs, 1)), axis=1)
        dealt = np.take_along_axis(features, order[..., None], axis=1)
        dealt = dealt.reshape(runs, folds, rows // folds, 2)
        truth = labels[order].reshape(runs, folds, rows // folds)
        centres = []
        for side in (-1, 1):
            of_class = (truth == side)[..., None]
            sums, counts = (dealt * of_class).sum(axis=2), of_class.sum(axis=2)
            centres.append(
                (sums.sum(axis=1, keepdims=True) - sums)
                / (counts.sum(axis=1, keepdims=True) - counts)
            )
        nearer = np.abs(dealt - centres[1][:, :, None]) < np.abs(dealt - centres[0][:, :, None])
        right = (np.where(nearer, 1, -1) == truth[..., None]).mean(axis=2)
        found.append(right[..., 0] - right[..., 1])
    return np.concatenate(found, axis=1)


@pytest.mark.parametrize(("folds", "repeats"), [(10, 1), (5, 1), (10, 3)])
def test_the_corrected_t_on_a_real_cross_validation(folds, repeats):
    differences = fold_accuracies(RUNS, 100, folds, repeats, np.random.default_rng(1))
    corrected = [corrected_t(row, 1 / (folds - 1)).p_value for row in differences]
    assert rejected(corrected) <= MOST
    if repeats > 1:  # the more repeats, the more the plain test is deceived
        assert rejected(ttest_1samp(differences, 0, axis=1).pvalue) > 3 * LEVEL


@pytest.mark.parametrize("folds", [5, 10, 30])
def test_the_corrected_t_on_scores_as_correlated_as_it_supposes(folds):
    generator, correlation = np.random.default_rng(2), 0.1
    shared = generator.normal(0, np.sqrt(correlation), (RUNS, 1))
    scores = shared + generator.normal(0, np.sqrt(1 - correlation), (RUNS, folds))
    ratio = correlation / (1 - correlation)
    assert LEAST <= rejected([corrected_t(row, ratio).p_value for row in scores]) <= MOST
    assert rejected(ttest_1samp(scores, 0, axis=1).pvalue) > MOST
    surest = [
        max(bayesian_correlated_t(row, ratio, 0.0).effects["posterior"].values()) for row in scores
    ]
    assert np.mean(np.array(surest) > 1 - LEVEL / 2) <= MOST


def test_of_several_comparisons_none_rejects_more_often_than_one_does():
    generator, correlation = np.random.default_rng(11), 0.1
    shape = (RUNS, 4, 10)
    scores = generator.normal(0, np.sqrt(correlation), (RUNS, 4, 1))
    scores = scores + generator.normal(0, np.sqrt(1 - correlation), shape)
    found = [
        compare(FoldScores(dict(zip("abcd", table, strict=True)), n_train=9, n_test=1))
        for table in scores
    ]
    assert rejected([min(row.adjusted_p for row in rows) for rows in found]) <= MOST
    assert rejected([min(row.p_value for row in rows) for rows in found]) > MOST


def test_five_by_two():
    differences = fold_accuracies(RUNS, 300, 2, 5, np.random.default_rng(3))
    assert rejected([alpaydin_f(row).p_value for row in differences]) <= MOST
    assert rejected([dietterich_t(row).p_value for row in differences]) <= MOST


@pytest.mark.parametrize("rows", [60, 400])
@pytest.mark.parametrize("mid_p", [True, False])
def test_mcnemar(rows, mid_p):
    right = np.random.default_rng(4).random((RUNS, 2, rows)) < 0.75
    found = [mcnemar(*discordant(*pair), mid_p=mid_p).p_value for pair in right]
    assert rejected(found) <= MOST


def answers(rows: int, generator: np.random.Generator) -> tuple[np.ndarray, ...]:
    labels = generator.choice(3, rows, p=[0.5, 0.3, 0.2])
    wrong = (labels + generator.integers(1, 3, (2, rows))) % 3
    return labels, *np.where(generator.random((2, rows)) < 0.7, labels, wrong)


def test_the_permutation_test_of_macro_f1():
    generator, score = np.random.default_rng(5), score_of("f1_macro", 3)
    found = [
        paired_permutation(
            paired_predictions(*answers(80, generator), 3), score, resamples=199, seed=run
        )
        for run in range(RUNS)
    ]
    assert LEAST <= rejected([tested.p_value for tested in found]) <= MOST


def test_the_permutation_test_of_groups_where_rows_of_a_group_are_alike():
    generator, score = np.random.default_rng(6), score_of("accuracy", 2)
    groups, clustered, plain = np.repeat(np.arange(20), 10), [], []
    for run in range(RUNS):
        # A group as a whole is easy for one model or for the other.
        ease = np.repeat(generator.choice([0.6, 0.9], (2, 20)), 10, axis=1)
        predicted = (generator.random((2, 200)) < ease).astype(int)
        labels = np.ones(200, dtype=int)
        for found, grouping in ((clustered, groups), (plain, None)):
            sample = paired_predictions(labels, *predicted, 2, grouping)
            found.append(paired_permutation(sample, score, resamples=199, seed=run).p_value)
    assert LEVEL / 2 < rejected(clustered) <= MOST
    assert rejected(plain) > 2 * LEVEL


def test_the_permutation_test_of_losses():
    losses = np.random.default_rng(7).gamma(0.5, 1, (RUNS, 2, 40))
    found = [
        paired_permutation(paired_losses(*pair), mean_of_losses, resamples=199, seed=run).p_value
        for run, pair in enumerate(losses)
    ]
    assert LEAST <= rejected(found) <= MOST


@pytest.mark.parametrize(("seeds", "sd"), [(3, 0.04), (5, 0.02), (5, 0.04)])
def test_seeds_and_rows_where_seeds_are_lucky_or_not(seeds, sd):
    """Two models that are alike: a training's skill is chance, and so is what rows it has right."""
    generator, runs, rows = np.random.default_rng(12), 300, 500
    found, of_rows = [], []
    for run in range(runs):
        labels = generator.choice(3, rows, p=[0.5, 0.3, 0.2])
        skill = 0.65 + generator.normal(0, sd, (2, seeds, 1)) + generator.normal(0, 0.15, rows)
        wrong = (labels + generator.integers(1, 3, (2, seeds, rows))) % 3
        answers = np.where(generator.random((2, seeds, rows)) < skill, labels, wrong)
        tested = seeds_and_rows(labels, *answers, 3, "f1_macro", resamples=100, seed=run)
        found.append(tested.p_value)
        tiled = np.tile(labels, seeds), *answers.reshape(2, -1)
        sample = paired_predictions(*tiled, 3, np.tile(np.arange(rows), seeds))
        score = score_of("f1_macro", 3)
        if run < 100:
            of_rows.append(paired_permutation(sample, score, resamples=99, seed=run).p_value)
    assert np.mean(np.array(found) <= LEVEL) <= binom.ppf(0.999, runs, LEVEL) / runs
    if sd == 0.04:  # a test over rows alone takes the luck of a seed for a difference
        assert np.mean(np.array(of_rows) <= LEVEL) > 2 * LEVEL


def test_cochran():
    generator = np.random.default_rng(8)
    ease = generator.beta(3, 1, (RUNS, 1, 100))
    right = generator.random((RUNS, 4, 100)) < ease
    found = [cochran_q(dict(enumerate(table))).p_value for table in right]
    assert rejected(found) <= MOST


@pytest.mark.parametrize("datasets", [6, 12, 30])
def test_friedman_and_wilcoxon(datasets):
    generator = np.random.default_rng(9)
    scores = generator.normal(size=(RUNS, 1, datasets)) + generator.normal(size=(RUNS, 4, datasets))
    found = [
        friedman(dict(enumerate(table)), resamples=199, seed=run).p_value
        for run, table in enumerate(scores)
    ]
    assert rejected(found) <= MOST
    assert rejected([wilcoxon(table[0] - table[1]).p_value for table in scores]) <= MOST


@pytest.mark.parametrize("seeds", [5, 10])
def test_almost_stochastic_order(seeds):
    scores = np.random.default_rng(10).normal(size=(RUNS, 2, seeds))
    found = [
        almost_stochastic_order(*pair, resamples=200, seed=run) for run, pair in enumerate(scores)
    ]
    assert rejected([tested.p_value for tested in found]) <= MOST
    assert np.mean([tested.statistic < THRESHOLD for tested in found]) <= MOST
    assert np.mean([tested.effects["dominant"] is not None for tested in found]) <= MOST
