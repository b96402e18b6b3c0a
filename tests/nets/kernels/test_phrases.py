from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from roomtone.nets import kernels
from roomtone.nets.phrases import _spread, _strongest

pytestmark = pytest.mark.skipif(not kernels.available(), reason=kernels.describe())

ROWS = 7


def case(lengths, sizes, filters, *, seed, dtype=torch.float32):
    generator = torch.Generator().manual_seed(seed)
    width = max(lengths) + seed % 3
    table = torch.randn(ROWS + 1, sum(sizes), filters, generator=generator).to(dtype)
    table[-1] = 0  # what stands outside a text
    places = torch.randint(0, ROWS, (len(lengths), width), generator=generator)
    return table, places, torch.tensor(lengths), sizes


@given(
    lengths=st.lists(st.integers(1, 9), min_size=1, max_size=5),
    sizes=st.lists(st.integers(1, 6), min_size=1, max_size=3),
    filters=st.sampled_from([1, 5, 16, 33, 300]),
    dtype=st.sampled_from(kernels.TYPES),
    seed=st.integers(0, 99),
)
def test_compiled_pooling_equals_that_of_pytorch(lengths, sizes, filters, dtype, seed):
    given_case = case(lengths, sizes, filters, seed=seed, dtype=dtype)
    strongest, reached = kernels.strongest(*given_case)
    expected, met = _strongest(*given_case)
    torch.testing.assert_close(strongest, expected)
    assert torch.equal(reached, met)


def test_of_equal_responses_the_first_counts():
    table, places, lengths, sizes = case([4], [2], 3, seed=0)
    _, reached = kernels.strongest(torch.zeros_like(table), places, lengths, sizes)
    first = torch.tensor([ROWS, int(places[0, 0])])  # the window on the first token looks back
    assert torch.equal(reached[..., 0], first[:, None].expand(2, 3))


def test_what_is_no_number_comes_through():
    table, places, lengths, sizes = case([5, 3], [1], 2, seed=1)
    table[places[0, 1], 0, 0] = torch.nan
    places[1] = (places[0, 1] + 1) % ROWS
    strongest, _ = kernels.strongest(table, places, lengths, sizes)
    assert strongest.isnan().tolist() == [[True, False], [False, False]]


@pytest.mark.parametrize("threads", [1, 3])
def test_any_number_of_threads_gives_the_same_bits(threads):
    given_case = case([9, 1, 4, 7, 7, 2], [3, 4], 130, seed=2)
    before = torch.get_num_threads()
    expected = kernels.strongest(*given_case)
    torch.set_num_threads(threads)
    try:
        found = kernels.strongest(*given_case)
    finally:
        torch.set_num_threads(before)
    assert all(torch.equal(*pair) for pair in zip(found, expected, strict=True))


@pytest.mark.parametrize(("place", "length"), [(ROWS + 1, 2), (-1, 2), (0, 0), (0, 5)])
def test_what_would_read_foreign_memory_is_refused(place, length):
    table, places, lengths, sizes = case([2, 3], [2], 4, seed=0)
    places[0, 1], lengths[0] = place, length
    with pytest.raises(IndexError, match="none of the 8 rows"):
        kernels.strongest(table, places[:, :3], lengths, sizes)


def test_shapes_that_do_not_fit_are_refused():
    table, places, lengths, _ = case([2], [2], 4, seed=0)
    with pytest.raises(ValueError, match="do not fit sizes"):
        kernels.strongest(table, places, lengths, [3])


@given(
    lengths=st.lists(st.integers(1, 9), min_size=1, max_size=5),
    sizes=st.lists(st.integers(1, 6), min_size=1, max_size=3),
    filters=st.sampled_from([1, 5, 16, 33, 130]),
    dtype=st.sampled_from(kernels.TYPES),
    seed=st.integers(0, 99),
    threads=st.integers(1, 3),
)
def test_compiled_gradients_equal_those_of_pytorch(lengths, sizes, filters, dtype, seed, threads):
    _, reached = kernels.strongest(*case(lengths, sizes, filters, seed=seed, dtype=dtype))
    source = torch.Generator().manual_seed(seed)
    gradient = torch.randn(len(lengths), len(sizes) * filters, generator=source)
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        found = kernels.spread(gradient, reached, sizes, ROWS, dtype)
    finally:
        torch.set_num_threads(before)
    assert torch.equal(found, _spread(gradient, reached, sizes, ROWS, dtype))


@pytest.mark.parametrize(
    ("gradient", "reached", "dtype"),
    [
        ((2, 9), torch.zeros(5, 4, 2, dtype=torch.int64), torch.float32),
        ((2, 8), torch.zeros(6, 4, 2, dtype=torch.int64), torch.float32),
        ((3, 8), torch.zeros(5, 4, 2, dtype=torch.int64), torch.float32),
        ((2, 8), torch.zeros(5, 4, 2, dtype=torch.int32), torch.float32),
        ((2, 8), torch.zeros(5, 4, 2, dtype=torch.int64), torch.float64),
    ],
)
def test_gradients_of_another_kind_are_refused(gradient, reached, dtype):
    with pytest.raises(ValueError, match="do not fit sizes"):
        kernels.spread(torch.zeros(gradient), reached, [2, 3], ROWS, dtype)
