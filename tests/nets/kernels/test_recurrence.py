from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from roomtone.nets import kernels
from roomtone.nets.kernels import Texts, recurrence

pytestmark = pytest.mark.skipif(not kernels.available(), reason=kernels.describe())

HIDDEN = 20


def weights(hidden: int = HIDDEN) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(hidden)
    shape = (2, 4 * hidden, hidden)
    ahead, back = torch.randn(shape, generator=generator) * hidden**-0.5
    return ahead.requires_grad_(), back.requires_grad_()


def states_and_gradients(projected: Tensor, texts: Texts) -> list[Tensor]:
    inputs = [projected.clone().requires_grad_(), *weights()]
    states = recurrence(inputs[0], texts, *inputs[1:])
    upstream = torch.linspace(-1, 1, states.numel()).view_as(states).to(states.dtype)
    return [states.detach(), *torch.autograd.grad(states, inputs, upstream)]


@pytest.fixture(params=[torch.float32, torch.bfloat16], ids=str)
def dtype(request):
    return request.param


@given(
    lengths=st.lists(st.integers(1, 9), min_size=1, max_size=40),
    width=st.integers(9, 13),
    threads=st.integers(1, 3),
    dtype=st.sampled_from([torch.float32, torch.bfloat16]),
)
def test_a_text_has_the_same_states_to_the_last_bit_in_any_company(lengths, width, threads, dtype):
    batch, places = len(lengths), torch.arange(len(lengths) * width).view(-1, width)
    projected = torch.randn(batch * width, 8 * HIDDEN).to(dtype)
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        texts = Texts(torch.tensor(lengths), width, places)
        with torch.no_grad():
            together = recurrence(projected, texts, *weights())
    finally:
        torch.set_num_threads(before)
    for row, length in enumerate(lengths):
        alone = Texts(torch.tensor([length]), length, places[row : row + 1, :length])
        with torch.no_grad():
            states = recurrence(projected, alone, *weights())
        assert torch.equal(together[row, :length], states[0])
        assert not together[row, length:].any()


def test_results_repeat_themselves_and_do_not_depend_on_threads(dtype):
    places = torch.randint(0, 30, (70, 8))
    texts = Texts(torch.randint(1, 9, (70,)), 8, places)
    projected = torch.randn(30, 8 * HIDDEN).to(dtype)
    before = torch.get_num_threads()
    results = []
    try:
        for threads in (1, 2, 2, 5):
            torch.set_num_threads(threads)
            results.append(states_and_gradients(projected, texts)[:2])
    finally:
        torch.set_num_threads(before)
    for other in results[1:]:
        assert all(torch.equal(*pair) for pair in zip(results[0], other, strict=True))


def test_rows_by_place_give_what_rows_in_order_give():
    places, lengths = torch.randint(0, 7, (5, 6)), torch.tensor([6, 1, 3, 6, 2])
    projected = torch.randn(7, 8 * HIDDEN)
    by_place = states_and_gradients(projected, Texts(lengths, 6, places))
    in_order = states_and_gradients(projected[places.flatten()], Texts(lengths, 6))
    in_order[1] = torch.zeros_like(projected).index_add(0, places.flatten(), in_order[1])
    for found, expected in zip(by_place, in_order, strict=True):
        torch.testing.assert_close(found, expected)


@given(st.lists(st.floats(-110, 110, width=32), min_size=8, max_size=8))
def test_gates_are_accurate_to_single_precision(values):
    """Without recurrence a state is sigmoid(o) tanh(sigmoid(i) tanh(g))."""
    projected = torch.tensor(values).view(1, 8)
    zeros = torch.zeros(2, 4, 1)
    states = recurrence(projected, Texts(torch.tensor([1]), 1), *zeros)[0, 0]
    i, _, g, o = projected.double().view(2, 4).T
    expected = o.sigmoid() * (i.sigmoid() * g.tanh()).tanh()
    # Below the smallest normal float32 nothing is promised.
    torch.testing.assert_close(states.double(), expected, rtol=2e-6, atol=1e-37)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_what_is_not_finite_reaches_the_text_that_has_it_and_no_other(value, dtype):
    lengths = torch.tensor([4, 4])
    projected = torch.zeros(8, 8 * HIDDEN, dtype=dtype)
    projected[1, :HIDDEN] = value
    projected[1, 4 * HIDDEN : 5 * HIDDEN] = value
    states, gradient, *_ = states_and_gradients(projected, Texts(lengths, 4))
    finite = value == value  # a gate saturates at infinity, as torch's does
    assert states[0].isfinite().all() == finite
    assert states[0, 1:, :HIDDEN].isfinite().all() == finite
    assert gradient[:4].isfinite().all() == finite
    assert states[1].isfinite().all()
    assert gradient[4:].isfinite().all()


@pytest.mark.parametrize("place", [-1, 3, 2**40])
def test_a_place_that_is_no_row_is_refused(place):
    texts = Texts(torch.tensor([2]), 2, torch.tensor([[0, place]]))
    with pytest.raises(IndexError, match="none of the 3 rows"):
        recurrence(torch.zeros(3, 8 * HIDDEN), texts, *weights())


@pytest.mark.parametrize("shape", [(3, 8 * HIDDEN), (4, 8 * HIDDEN - 1)])
def test_shapes_that_do_not_fit_are_refused(shape):
    with pytest.raises(ValueError, match="expected"):
        recurrence(torch.zeros(shape), Texts(torch.tensor([2, 1]), 2), *weights())


def test_places_and_lengths_of_different_batches_are_refused():
    with pytest.raises(ValueError, match="not of one batch"):
        Texts(torch.tensor([2, 1]), 2, torch.zeros(3, 2, dtype=torch.long))


def test_lengths_beyond_the_width_count_as_the_width():
    projected = torch.randn(3, 8 * HIDDEN)
    with torch.no_grad():
        found = recurrence(projected, Texts(torch.tensor([2**40]), 3), *weights())
        expected = recurrence(projected, Texts(torch.tensor([3]), 3), *weights())
        nothing = recurrence(projected, Texts(torch.tensor([-5]), 3), *weights())
    assert torch.equal(found, expected)
    assert not nothing.any()


def test_a_batch_of_no_texts_has_no_states():
    texts = Texts(torch.zeros(0, dtype=torch.long), 4)
    assert recurrence(torch.zeros(0, 8 * HIDDEN), texts, *weights()).shape == (0, 4, 2 * HIDDEN)


def test_recurrent_weights_in_bfloat16_do_what_the_same_numbers_in_float32_do(dtype):
    places = torch.randint(0, 30, (9, 8))
    texts = Texts(torch.randint(1, 9, (9,)), 8, places)
    projected = torch.randn(30, 8 * HIDDEN).to(dtype)
    halves = [weight.detach().bfloat16() for weight in weights()]
    results = []
    for given_ in (halves, [half.float() for half in halves]):
        inputs = [tensor.clone().requires_grad_() for tensor in (projected, *given_)]
        states = recurrence(inputs[0], texts, *inputs[1:])
        results.append([states, *torch.autograd.grad(states.sum(), inputs)])
    for found, expected in zip(*results, strict=True):
        assert torch.equal(found, expected.to(found.dtype))


@pytest.mark.parametrize("kinds", [(torch.float32, torch.bfloat16), (torch.float64,) * 2])
def test_weights_of_different_or_other_types_are_refused(kinds):
    ahead, back = (weight.to(kind) for weight, kind in zip(weights(), kinds, strict=True))
    with pytest.raises(ValueError, match="types are"):
        recurrence(torch.zeros(3, 8 * HIDDEN), Texts(torch.tensor([3]), 3), ahead, back)
