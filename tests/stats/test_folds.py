from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from roomtone.errors import DataError
from roomtone.stats.folds import deal_folds

labels = st.lists(st.integers(0, 3), min_size=2, max_size=60)


@given(labels, st.integers(2, 10), st.integers(0, 100))
def test_folds_are_as_even_as_can_be_in_rows_and_in_each_class(codes, folds, seed):
    folds = min(folds, len(codes))
    fold = deal_folds(codes, folds, seed)
    for rows in (fold, *(fold[np.array(codes) == code] for code in set(codes))):
        counts = np.bincount(rows, minlength=folds)
        assert counts.size == folds
        assert counts.max() - counts.min() <= 1


@given(labels, st.permutations(range(4)), st.integers(0, 100))
def test_the_numbers_of_the_classes_do_not_matter(codes, order, seed):
    renamed = np.array(order)[codes]
    np.testing.assert_array_equal(deal_folds(codes, 2, seed), deal_folds(renamed, 2, seed))


def test_the_seed_decides_which_rows_go_together():
    codes = [0, 1] * 20
    assert (deal_folds(codes, 4, 1) == deal_folds(codes, 4, 1)).all()
    assert (deal_folds(codes, 4, 1) != deal_folds(codes, 4, 2)).any()


@pytest.mark.parametrize("folds", [0, 1, 4])
def test_more_folds_than_rows_or_fewer_than_two_are_refused(folds):
    with pytest.raises(DataError, match=f"folds: found {folds}, expected 2 to 3"):
        deal_folds([0, 1, 1], folds, 0)
