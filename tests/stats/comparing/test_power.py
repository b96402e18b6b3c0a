from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from roomtone.errors import DataError
from roomtone.stats.comparing.mcnemar import mcnemar
from roomtone.stats.comparing.power import rows_needed, scaled_rows, smallest_difference


def rejections(rows: int, first: float, second: float, runs: int = 2000) -> float:
    counts = np.random.default_rng(1).multinomial(rows, [first, second, 1 - first - second], runs)
    found = [mcnemar(int(a), int(b), rows, mid_p=True).p_value for a, b, _ in counts if a + b]
    return float(np.sum(np.array(found) < 0.05) / runs)


@pytest.mark.parametrize(("first", "second"), [(0.08, 0.05), (0.12, 0.04), (0.2, 0.15)])
def test_with_the_rows_needed_the_test_finds_the_difference_four_times_in_five(first, second):
    rows = rows_needed(first, second)
    assert rejections(rows, first, second) == pytest.approx(0.8, abs=0.03)
    assert rejections(rows // 2, first, second) < 0.6


def test_the_formula_of_connor_by_hand():
    # z: 1.959964 and 0.841621; psi = 0.3, delta = 0.1.
    expected = ((1.959964 * np.sqrt(0.3) + 0.841621 * np.sqrt(0.29)) / 0.1) ** 2
    assert rows_needed(0.2, 0.1) == np.ceil(expected) == 234


@given(st.floats(0.01, 0.4), st.floats(0.01, 0.4))
def test_the_smallest_difference_solves_the_same_equation(first, second):
    rows = rows_needed(first, second)
    if abs(first - second) < 1e-3 or rows is None:
        return
    least = smallest_difference(rows, first + second)
    assert least is not None
    assert least <= abs(first - second) + 1e-9
    fewer = smallest_difference(rows - 1, first + second)
    assert fewer is None or fewer >= abs(first - second) - 1e-9
    assert rows_needed(second, first) == rows


def test_where_no_number_of_rows_is_enough_there_is_none():
    assert rows_needed(0.1, 0.1) is None
    assert smallest_difference(5, 0.1) is None
    assert smallest_difference(500, 0.0) is None
    assert scaled_rows(100, 0.0, 0.1) is None


def test_more_rows_show_less():
    found = [smallest_difference(rows, 0.2) for rows in (200, 1000, 5000)]
    assert found == sorted(found, reverse=True)


def test_an_error_scaled_by_the_rows():
    # The gain is then 1.96 + 0.84 standard errors.
    rows = scaled_rows(1000, 0.01, 0.02)
    assert 0.01 / (0.02 * np.sqrt(1000 / rows)) == pytest.approx(2.8016, abs=1e-3)


@pytest.mark.parametrize(
    "call",
    [
        lambda: rows_needed(0.9, 0.3),
        lambda: rows_needed(-0.1, 0.3),
        lambda: rows_needed(0.1, 0.3, level=5),
        lambda: rows_needed(0.1, 0.3, power=0.2),
        lambda: smallest_difference(0, 0.1),
        lambda: smallest_difference(10, 1.1),
    ],
)
def test_impossible_requests_are_refused(call):
    with pytest.raises(DataError):
        call()
