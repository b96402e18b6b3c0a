from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.functional import scaled_dot_product_attention

from roomtone.nets.attention import AttentionPooling, SelfAttention
from roomtone.nets.kernels.library import SWITCH
from roomtone.nets.masking import padding_mask

SIZE = 8
cases = st.lists(st.integers(1, 7), min_size=1, max_size=4)


def states_and_mask(lengths: list[int]) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(sum(lengths))
    states = torch.randn(len(lengths), max(lengths) + 2, SIZE, generator=generator)
    return states, padding_mask(torch.tensor(lengths), states.shape[1])


@given(cases, st.sampled_from([1, 2, 4, 8]), st.sampled_from(["on", "off"]))
def test_self_attention_equals_torchs_own_with_residual_and_norm(lengths, heads, switch):
    torch.manual_seed(heads)
    layer = SelfAttention(SIZE, heads, dropout=0.4).eval()
    states, mask = states_and_mask(lengths)
    batch, width, _ = states.shape
    query, key, value = (
        part.view(batch, width, heads, SIZE // heads).transpose(1, 2)
        for part in layer.inputs(states).chunk(3, dim=2)
    )
    mixed = scaled_dot_product_attention(query, key, value, attn_mask=mask[:, None, None, :])
    mixed = mixed.transpose(1, 2).reshape(batch, width, SIZE)
    expected = layer.norm(states + layer.output(mixed))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SWITCH, switch)
        found = layer(states, mask)
    torch.testing.assert_close(found[mask], expected[mask])


@given(cases)
def test_the_weights_shown_are_those_that_are_used(lengths):
    torch.manual_seed(0)
    layer = SelfAttention(SIZE, 2, dropout=0.0).eval()
    states, mask = states_and_mask(lengths)
    value = layer.inputs(states)[..., 2 * SIZE :].view(*states.shape[:2], 2, -1).transpose(1, 2)
    mixed = (layer.weights(states, mask) @ value).transpose(1, 2).flatten(2)
    expected = layer.norm(states + layer.output(mixed))
    torch.testing.assert_close(layer(states, mask)[mask], expected[mask])


@given(cases)
def test_pooling_is_the_weighted_mean_of_a_texts_own_states(lengths):
    torch.manual_seed(0)
    layer = AttentionPooling(SIZE)
    states, mask = states_and_mask(lengths)
    found = layer(states, mask)
    for row, length in enumerate(lengths):
        own = states[row, :length]
        scores = layer.score(torch.tanh(layer.hidden(own))).squeeze(1)
        torch.testing.assert_close(found[row], scores.softmax(dim=0) @ own)


def test_equal_states_are_weighed_equally():
    states, mask = torch.ones(1, 5, SIZE), torch.tensor([[True, True, True, True, False]])
    weights = SelfAttention(SIZE, 2, dropout=0.0).weights(states, mask)
    torch.testing.assert_close(weights[0, :, :4, :4], torch.full((2, 4, 4), 0.25))
    pooled = AttentionPooling(SIZE).weights(states, mask)
    torch.testing.assert_close(pooled[0], torch.tensor([0.25, 0.25, 0.25, 0.25, 0.0]))
