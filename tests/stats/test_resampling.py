from __future__ import annotations

import numpy as np
import pytest

from roomtone.errors import DataError
from roomtone.stats.confusion import confusion_matrix
from roomtone.stats.resampling import Units, group_codes, loss_units, score_of, units


def columns(rows: int = 40) -> list[np.ndarray]:
    return list(np.random.default_rng(1).integers(0, 4, (2, rows)))


def together(chunks) -> np.ndarray:
    return np.concatenate(list(chunks))


@pytest.mark.parametrize("groups", [None, np.arange(40) // 4])
def test_the_total_is_that_of_the_rows(groups):
    cells = columns()
    sample = units(cells, 4, groups)
    assert sample.total().tolist() == [
        np.bincount(column, minlength=4).tolist() for column in cells
    ]


@pytest.mark.parametrize("groups", [None, np.arange(40) // 4])
def test_a_resample_has_as_many_units_and_the_mean_of_the_sample(groups):
    sample = units(columns(), 4, groups)
    drawn = together(sample.resampled(20_000, np.random.default_rng(2)))
    assert np.all(drawn.sum(axis=-1) == 40)
    assert drawn.mean(axis=0) == pytest.approx(sample.total(), abs=0.2)


@pytest.mark.parametrize("groups", [None, np.arange(40) // 4])
def test_exchanging_answers_leaves_their_sum_alone(groups):
    sample = units(columns(), 4, groups)
    drawn = together(sample.exchanged(20_000, np.random.default_rng(3)))
    assert np.all(drawn.sum(axis=1) == sample.total().sum(axis=0))
    middle = sample.total().mean(axis=0)
    assert drawn.mean(axis=0) == pytest.approx(np.stack([middle, middle]), abs=0.2)


def test_leaving_out_each_unit_once():
    cells = columns(12)
    groups = np.arange(12) // 3
    sample = units(cells, 4, groups)

    def first(sums: np.ndarray) -> np.ndarray:
        return sums[..., 0, 0] - 2 * sums[..., 1, 3]

    expected = [
        np.sum(cells[0][groups != group] == 0) - 2 * np.sum(cells[1][groups != group] == 3)
        for group in range(4)
    ]
    assert sample.left_out(first).tolist() == expected


def test_units_answered_differently():
    assert units([np.array([0, 1, 2, 2]), np.array([0, 1, 1, 2])], 3).differing() == 1
    cells = [np.array([0, 1, 2, 2]), np.array([1, 0, 2, 2])]
    assert units(cells, 3, ["a", "a", "b", "b"]).differing() == 0  # together they answered alike


def test_losses_are_summed_with_their_rows():
    sample = loss_units([np.array([0.5, 1.5, 2.0]), np.array([1.0, 1.0, 1.0])], ["x", "y", "x"])
    assert sample.total().tolist() == [[4.0, 3.0], [3.0, 3.0]]
    assert sample.counts.tolist() == [1, 1]


def test_a_score_of_sums_is_that_of_the_matrix():
    truth, given = columns(30)
    matrix = confusion_matrix(truth, given, 4)
    sums = matrix.reshape(1, -1).repeat(3, axis=0)
    assert score_of("accuracy", 4)(sums) == pytest.approx([np.mean(truth == given)] * 3)
    assert score_of(lambda stack: stack[..., 0, 0], 4)(sums).tolist() == [matrix[0, 0]] * 3


def test_chunks_change_nothing_of_what_is_drawn_by_counts(monkeypatch):
    sample: Units = units(columns(200), 4)
    whole = together(sample.resampled(50, np.random.default_rng(4)))
    monkeypatch.setattr("roomtone.stats.resampling._CHUNK_VALUES", 60)
    assert np.array_equal(together(sample.resampled(50, np.random.default_rng(4))), whole)


@pytest.mark.parametrize("groups", [["a"], [["a"] * 3]])
def test_groups_of_other_rows_are_refused(groups):
    with pytest.raises(DataError, match="one for each of 3 rows"):
        group_codes(groups, 3)
