from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from roomtone.nets.masking import padding_mask, reversal_index, reverse_by_length

lengths_in_width = st.integers(1, 9).flatmap(
    lambda width: st.tuples(st.just(width), st.lists(st.integers(0, width), min_size=1, max_size=6))
)


@given(lengths_in_width)
def test_the_mask_is_true_on_tokens_alone(case):
    width, lengths = case
    mask = padding_mask(torch.tensor(lengths), width)
    expected = [[place < length for place in range(width)] for length in lengths]
    assert mask.tolist() == expected


@given(lengths_in_width)
def test_each_text_is_reversed_within_its_length_and_padding_stays(case):
    width, lengths = case
    states = torch.arange(len(lengths) * width).view(len(lengths), width, 1)
    found = reverse_by_length(states, reversal_index(torch.tensor(lengths), width))
    for row, length in enumerate(lengths):
        before = states[row, :, 0].tolist()
        assert found[row, :, 0].tolist() == before[:length][::-1] + before[length:]


@given(lengths_in_width)
def test_reversing_twice_changes_nothing(case):
    width, lengths = case
    states = torch.randn(len(lengths), width, 3, generator=torch.Generator().manual_seed(0))
    index = reversal_index(torch.tensor(lengths), width)
    assert torch.equal(reverse_by_length(reverse_by_length(states, index), index), states)


def test_the_gradient_is_reversed_alike():
    states = torch.randn(
        2, 4, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0)
    ).requires_grad_()
    index = reversal_index(torch.tensor([4, 2]), 4)
    assert torch.autograd.gradcheck(lambda x: reverse_by_length(x, index), states)
