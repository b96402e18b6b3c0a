"""Attention in compiled code mixes as PyTorch's does, text by text."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from roomtone.nets import kernels
from roomtone.nets.kernels import attend
from roomtone.nets.masking import padding_mask

pytestmark = pytest.mark.skipif(not kernels.available(), reason=kernels.describe())

LENGTHS = st.lists(st.integers(1, 40), min_size=1, max_size=5)
TYPES = st.sampled_from([torch.float32, torch.bfloat16])


def draw(lengths: list[int], *, heads: int = 2, size: int = 12, more: int = 2) -> Tensor:
    source = torch.Generator().manual_seed(sum(lengths))
    return torch.randn(len(lengths), max(lengths) + more, 3, heads, size, generator=source)


def mixed_and_gradient(parts: Tensor, lengths: list[int]) -> tuple[Tensor, Tensor]:
    parts = parts.detach().clone().requires_grad_()
    mixed = attend(parts, torch.tensor(lengths))
    upstream = torch.linspace(-1, 1, mixed.numel()).view_as(mixed).to(mixed.dtype)
    return mixed.detach(), torch.autograd.grad(mixed, parts, upstream)[0]


@given(LENGTHS, st.integers(1, 3), st.sampled_from([1, 5, 32, 40]))
def test_it_is_attention_within_each_text_and_its_gradient(lengths, heads, size):
    parts = draw(lengths, heads=heads, size=size)
    found, gradient = mixed_and_gradient(parts, lengths)
    parts = parts.double().requires_grad_()
    query, key, value = parts.permute(2, 0, 3, 1, 4)
    mask = padding_mask(torch.tensor(lengths), parts.shape[1])
    mixed = scaled_dot_product_attention(query, key, value, attn_mask=mask[:, None, None, :])
    mixed = mixed.transpose(1, 2) * mask[..., None, None]
    upstream = torch.linspace(-1, 1, mixed.numel()).view_as(mixed).double()
    expected = torch.autograd.grad(mixed, parts, upstream)[0]
    torch.testing.assert_close(found, mixed.float(), rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(gradient, expected.float(), rtol=1e-4, atol=1e-5)


@given(LENGTHS, TYPES, st.integers(1, 3))
def test_a_text_gets_the_same_to_the_last_bit_in_any_company(lengths, dtype, threads):
    parts, before = draw(lengths).to(dtype), torch.get_num_threads()
    upstream = torch.randn(parts[:, :, 0].shape).to(dtype)
    torch.set_num_threads(threads)
    try:
        whole = parts.clone().requires_grad_()
        together = attend(whole, torch.tensor(lengths))
        together.backward(upstream)
    finally:
        torch.set_num_threads(before)
    for row, length in enumerate(lengths):
        alone = parts[row : row + 1, :length].clone().requires_grad_()
        mixed = attend(alone, torch.tensor([length]))
        mixed.backward(upstream[row : row + 1, :length])
        assert torch.equal(together[row, :length], mixed[0])
        assert torch.equal(whole.grad[row, :length], alone.grad[0])
        assert not together[row, length:].any()
        assert not whole.grad[row, length:].any()


def test_bfloat16_gives_what_float32_gives_of_the_same_numbers_rounded():
    lengths = [7, 40, 1, 33]
    parts = draw(lengths).bfloat16()
    found, expected = (
        attend(parts, torch.tensor(lengths)),
        attend(parts.float(), torch.tensor(lengths)),
    )
    assert torch.equal(found, expected.bfloat16())


def test_large_scores_do_not_overflow_and_nan_comes_through():
    parts = draw([5, 6]) * 1e3
    parts[1, 2, 0, 0, 0] = torch.nan
    mixed = attend(parts, torch.tensor([5, 6]))
    assert mixed[0].isfinite().all()
    assert mixed[1, 2, 0].isnan().all()
    assert mixed[1, 2, 1].isfinite().all()


def test_rows_that_are_not_contiguous_are_read_as_they_are():
    lengths = [4, 9]
    parts = draw(lengths)
    turned = parts.transpose(3, 4).contiguous().transpose(3, 4)
    for found, expected in zip(
        mixed_and_gradient(turned, lengths), mixed_and_gradient(parts, lengths), strict=True
    ):
        assert torch.equal(found, expected)


@pytest.mark.parametrize(
    ("shape", "dtype", "texts"),
    [
        ((2, 5, 3, 1, 4), torch.float32, 3),
        ((2, 5, 2, 1, 4), torch.float32, 2),
        ((2, 5, 12), torch.float32, 2),
        ((2, 5, 3, 1, 4), torch.float64, 2),
    ],
)
def test_what_does_not_fit_is_refused(shape, dtype, texts):
    with pytest.raises(ValueError, match="do not fit each other"):
        attend(torch.zeros(shape, dtype=dtype), torch.ones(texts, dtype=torch.int64))
