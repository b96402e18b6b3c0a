from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from roomtone.errors import DataError
from roomtone.experiments.splitting import Dealer

NAMES = ("bad", "fair", "good")
LABELS = np.random.default_rng(0).permutation(np.repeat([0, 1, 2], [50, 30, 20]))
GROUPS = np.random.default_rng(1).integers(0, 25, 100)


def test_folds_are_those_of_scikit_learn():
    ours = Dealer(LABELS, NAMES).folds(5, seed=7)
    theirs = StratifiedKFold(5, shuffle=True, random_state=7).split(LABELS, LABELS)
    for split, (train, test) in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(split.train, train)
        np.testing.assert_array_equal(split.test, test)


def test_grouped_folds_are_those_of_scikit_learn():
    ours = Dealer(LABELS, NAMES, groups=GROUPS).folds(5, seed=7)
    theirs = StratifiedGroupKFold(5, shuffle=True, random_state=7).split(LABELS, LABELS, GROUPS)
    for split, (_, test) in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(split.test, test)
        assert not set(GROUPS[split.train]) & set(GROUPS[split.test])


@given(st.lists(st.integers(0, 30), min_size=40, max_size=120), st.integers(2, 6))
def test_nothing_is_learnt_from_a_later_row(days, folds):
    times = np.array(days, dtype=np.float64)
    labels = np.arange(len(days)) % 2
    dealer = Dealer(labels, ("bad", "good"), times=times)
    try:
        splits = dealer.folds(folds, seed=1)
    except DataError:
        return
    assert len(splits) == folds
    tested = np.concatenate([split.test for split in splits])
    assert len(np.unique(tested)) == len(tested)
    for split in splits:
        assert times[split.train].max() < times[split.test].min()
        try:
            fit, held_out = dealer.validation(split.train, 0.2, seed=1)
        except DataError:
            continue
        assert times[fit].max() < times[held_out].min()
        assert times[held_out].max() < times[split.test].min()


def test_time_is_cut_into_blocks_that_are_each_tested():
    times = np.arange(100.0)[::-1]
    splits = Dealer(np.tile([0, 1, 2, 0, 1], 20), NAMES, times=times).folds(4, seed=1)
    assert [(len(split.train), len(split.test)) for split in splits] == [
        (20, 20),
        (40, 20),
        (60, 20),
        (80, 20),
    ]
    assert splits[-1].test.tolist() == list(range(20)), "the latest rows come first in the file"


@pytest.mark.parametrize("groups", [None, GROUPS], ids=["stratified", "grouped"])
def test_validation_rows_come_from_the_training_part_and_leave_every_class(groups):
    dealer = Dealer(LABELS, NAMES, groups=groups)
    for split in dealer.folds(5, seed=2):
        fit, held_out = dealer.validation(split.train, 0.1, seed=3)
        assert sorted([*fit, *held_out]) == split.train.tolist()
        assert set(LABELS[fit]) == {0, 1, 2}
        assert 2 <= len(held_out) <= 20
        if groups is not None:
            assert not set(groups[fit]) & set(groups[held_out])


def test_the_only_row_of_a_class_stays_in_what_is_fitted_on():
    labels = np.array([0] * 10 + [1] * 10 + [2] * 2)
    dealer = Dealer(labels, NAMES)
    for split in dealer.folds(2, seed=1):
        assert np.sum(labels[split.train] == 2) == 1
        for seed in range(10):
            fit, _ = dealer.validation(split.train, 0.5, seed)
            assert 2 in labels[fit]


@pytest.mark.parametrize(
    ("dealer", "folds", "said"),
    [
        (Dealer(np.zeros(9, int), NAMES), 3, "all 9 rows are bad"),
        (Dealer(LABELS, NAMES), 1, "found 1, expected 2 or more"),
        (Dealer(LABELS, NAMES), 21, r"class good has 20 row\(s\).*use 20 folds or fewer"),
        (
            Dealer(np.array([0] * 9 + [1] * 9 + [2]), NAMES),
            2,
            r"class [a-z]+ has 1 row\(s\).*; give more rows of it, or leave the class out$",
        ),
        (Dealer(LABELS, NAMES, groups=GROUPS % 4), 5, "need 5 groups or more; there are 4"),
        (
            Dealer(np.array([0] * 20 + [1] * 20), NAMES, groups=np.repeat([0, 1, 2], [20, 10, 10])),
            3,
            "fold . of 3",
        ),
        (Dealer(LABELS, NAMES, times=LABELS * 1.0), 3, "need 4 points in time or more; .* are 3"),
        (
            Dealer(np.repeat([0, 1, 2], 20), NAMES, times=np.arange(60.0)),
            3,
            "fold 1 of 3: its training part has no row of class fair, good; use fewer folds",
        ),
    ],
    ids=[
        "one class",
        "one fold",
        "rare class",
        "single row",
        "few groups",
        "lost class",
        "few times",
        "early",
    ],
)
def test_what_cannot_be_dealt_out_is_refused(dealer, folds, said):
    with pytest.raises(DataError, match=said):
        dealer.folds(folds, seed=1)


def test_a_training_part_of_one_group_cannot_be_validated():
    dealer = Dealer(LABELS, NAMES, groups=np.zeros(100, int))
    with pytest.raises(DataError, match=r"cannot spare any for validation.*of more groups"):
        dealer.validation(np.arange(100), 0.1, seed=1)
