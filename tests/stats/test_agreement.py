"""Agreement of annotators: golden values, symmetries, and the coverage of its intervals."""

from __future__ import annotations

import json

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import assume, given

from roomtone.errors import DataError
from roomtone.stats.agreement import MISSING, agreement

# The worked example of Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", part C:
# four observers, twelve units, missing values; alpha for nominal data is 0.743.
PAPER = {
    "A": [0, 1, 2, 2, 1, 0, 3, 0, 1, -1, -1, -1],
    "B": [0, 1, 2, 2, 1, 1, 3, 0, 1, 4, -1, 2],
    "C": [-1, 2, 2, 2, 1, 2, 3, 1, 1, 4, 0, -1],
    "D": [0, 1, 2, 2, 1, 3, 3, 0, 1, 4, 0, -1],
}


@st.composite
def tables(draw: st.DrawFn, annotators: int | None = None):
    """Labels of three classes, some missing, with an item that two annotators labelled."""
    count = annotators or draw(st.integers(2, 5))
    items = draw(st.integers(1, 15))
    codes = st.lists(st.integers(MISSING, 2), min_size=items, max_size=items)
    table = np.array([draw(codes) for _ in range(count)])
    assume(((table != MISSING).sum(axis=0) >= 2).any())
    return table


def measured(table, **options):
    ratings = {f"a{at}": row for at, row in enumerate(table)}
    return agreement(ratings, 3, resamples=options.pop("resamples", 20), **options)


def test_the_example_of_the_paper():
    found = agreement(PAPER, 5, resamples=50)
    assert round(found.alpha, 3) == 0.743
    assert (found.items, found.labels) == (11, 40)


@given(tables())
def test_alpha_is_that_of_the_package_krippendorff(table):
    package = pytest.importorskip("krippendorff", reason="needs the package krippendorff")
    paired = table[:, (table != MISSING).sum(axis=0) >= 2]
    assume(len(set(paired[paired != MISSING])) > 1)  # the package leaves this case undefined
    numbers = np.where(table == MISSING, np.nan, table)
    expected = package.alpha(numbers, level_of_measurement="nominal", value_domain=[0, 1, 2])
    assert measured(table).alpha == pytest.approx(expected, abs=1e-12)


@given(tables(annotators=2))
def test_kappa_is_that_of_statsmodels(table):
    rater = pytest.importorskip("statsmodels.stats.inter_rater", reason="needs statsmodels")
    both = table[:, (table != MISSING).all(axis=0)]
    assume(len(set(both[0])) > 1 or len(set(both[1])) > 1)
    matrix = np.zeros((3, 3))
    np.add.at(matrix, tuple(both), 1)
    (pair,) = measured(table).pairs
    assert pair.kappa == pytest.approx(rater.cohens_kappa(matrix).kappa, abs=1e-12)
    assert pair.agreed == pytest.approx((both[0] == both[1]).mean())
    assert pair.items == both.shape[1]


@given(tables(), st.randoms(use_true_random=False))
def test_neither_order_nor_names_of_classes_matter(table, random):
    found = measured(table)
    annotators, items = list(range(len(table))), list(range(table.shape[1]))
    random.shuffle(annotators)
    random.shuffle(items)
    renamed = np.append(random.sample(range(3), 3), MISSING)  # MISSING is the last index
    turned = measured(renamed[table[annotators][:, items]])
    assert turned.alpha == pytest.approx(found.alpha, abs=1e-12)
    assert sorted(pair.kappa for pair in turned.pairs) == pytest.approx(
        sorted(pair.kappa for pair in found.pairs), abs=1e-12
    )


@given(tables())
def test_an_item_that_one_annotator_alone_labelled_says_nothing(table):
    single = np.full((len(table), 1), MISSING)
    single[0] = 1
    assert measured(np.hstack([table, single])) == measured(table)


@given(tables())
def test_it_is_at_most_1_and_1_only_where_nobody_disagrees(table):
    found = measured(table)
    assert -1 - 1e-12 <= found.alpha <= 1
    apart = any(len(set(item[item != MISSING])) > 1 for item in table.T)
    assert not (apart and found.alpha == 1)
    assert json.loads(json.dumps(found.to_dict()))["alpha"] == found.alpha


def test_one_class_alone_shows_no_agreement():
    found = measured([[1, 1, 1], [1, 1, 1]])
    assert (found.alpha, found.pairs[0].kappa, found.pairs[0].agreed) == (0, 0, 1)


def test_annotators_without_an_item_in_common_are_no_pair():
    found = measured([[0, 1, -1], [0, 1, 2], [-1, -1, 2]])
    assert [(pair.first, pair.second) for pair in found.pairs] == [("a0", "a1"), ("a1", "a2")]


def test_intervals_hold_the_value_of_many_items_as_often_as_they_say():
    rng = np.random.default_rng(0)

    def sample(items):
        truth = rng.integers(0, 3, items)
        wrong = rng.random((3, items)) < 0.25
        table = np.where(wrong, rng.integers(0, 3, (3, items)), truth)
        return np.where(rng.random((3, items)) < 0.1, MISSING, table)

    limit = measured(sample(200_000), resamples=2).alpha
    intervals = [measured(sample(120), resamples=300, seed=n).interval for n in range(120)]
    inside = sum(found.low <= limit <= found.high for found in intervals)
    assert 0.89 <= inside / len(intervals) <= 1


@pytest.mark.parametrize(
    ("ratings", "told"),
    [
        ({}, "found none"),
        ({"a": [0, 1]}, r"found a \[2\]"),
        ({"a": [0, 1], "b": [0]}, r"a \[2\], b \[1\]"),
        ({"a": [0, 3], "b": [0, 1]}, "labels of 'a': expected whole codes from 0 to 2"),
        ({"a": [0, 0.5], "b": [0, 1]}, "labels of 'a'"),
        ({"a": [0, -1], "b": [-1, 1]}, "no item has labels of two annotators"),
    ],
)
def test_a_mistake_is_a_clear_error(ratings, told):
    with pytest.raises(DataError, match=told):
        agreement(ratings, 3)
    with pytest.raises(DataError, match="level 1"):
        agreement({"a": [0], "b": [0]}, 3, level=1)
