"""Padding changes nothing: neither what a text scores nor what the network learns from it."""

from __future__ import annotations

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.functional import cross_entropy

from roomtone.nets.hybrid import PAD
from roomtone.nets.words import each_position

tokens = st.integers(1, 19)
texts = st.lists(tokens, min_size=1, max_size=12)
batches = st.lists(texts, min_size=1, max_size=5)
extra_widths = st.integers(0, 9)
# The network is in evaluation mode and is not changed, so that examples may share it.
with_network = settings(
    max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def padded(batch: list[list[int]], extra: int = 0) -> tuple[Tensor, Tensor]:
    """Pad texts to their longest and by `extra` positions more: codes and lengths."""
    width = max(map(len, batch)) + extra
    rows = [[*text, *[PAD] * (width - len(text))] for text in batch]
    return torch.tensor(rows), torch.tensor([len(text) for text in batch])


@given(
    text=texts, companions=st.lists(texts, max_size=5), place=st.integers(0, 5), extra=extra_widths
)
@with_network
def test_a_text_scores_the_same_alone_and_in_any_batch_at_any_width(
    network, text, companions, place, extra
):
    place = min(place, len(companions))
    batch = [*companions[:place], text, *companions[place:]]
    with torch.no_grad():
        alone = network(*padded([text])).logits[0]
        among = network(*padded(batch, extra)).logits[place]
    torch.testing.assert_close(among, alone, atol=1e-5, rtol=0)


@given(batch=batches, extra=extra_widths)
@with_network
def test_lengths_are_counted_where_they_are_not_given(network, batch, extra):
    ids, lengths = padded(batch, extra)
    with torch.no_grad():
        torch.testing.assert_close(network(ids).logits, network(ids, lengths).logits)


@given(batch=batches, extra=extra_widths)
@with_network
def test_attention_rows_sum_to_one_and_padding_has_exactly_none(network, batch, extra):
    ids, lengths = padded(batch, extra)
    with torch.no_grad():
        output = network(ids, lengths)
        weights = output.attention_weights  # [batch, heads, width, width]
        pooled = network.pooling.weights(output.states, output.mask)  # [batch, width]
    assert weights.shape == (len(batch), 2, ids.shape[1], ids.shape[1])
    for row, length in enumerate(lengths.tolist()):
        sums = weights[row, :, :length].sum(dim=-1)
        torch.testing.assert_close(sums, torch.ones_like(sums))
        assert weights[row, :, :, length:].count_nonzero() == 0
        assert weights[row, :, length:, :].count_nonzero() == 0
        torch.testing.assert_close(pooled[row, :length].sum(), torch.tensor(1.0))
        assert pooled[row, length:].count_nonzero() == 0


@given(batch=batches, extra=extra_widths)
@with_network
def test_gradients_do_not_depend_on_padding_and_never_reach_its_vector(network, batch, extra):
    def gradients(extra: int) -> dict[str, Tensor]:
        network.zero_grad()
        logits = network(*padded(batch, extra)).logits
        cross_entropy(logits, torch.arange(len(batch)) % 3).backward()
        return {name: p.grad.clone() for name, p in network.named_parameters()}

    tight, wide = gradients(0), gradients(extra)
    for name in tight:
        torch.testing.assert_close(wide[name], tight[name], atol=1e-5, rtol=1e-4)
    assert wide["embedding.weight"][PAD].count_nonzero() == 0


@given(batch=batches, extra=st.integers(1, 9))
@with_network
def test_what_stands_on_padding_between_the_layers_has_no_influence(network, batch, extra):
    ids, lengths = padded(batch, extra)
    embedded = network.embedding(ids).detach()
    padding = torch.arange(ids.shape[1]) >= lengths[:, None]
    embedded.requires_grad_()
    states = network.bilstm(embedded.flatten(0, 1), each_position(ids), lengths)
    kept = states[~padding]
    (flow,) = torch.autograd.grad(kept.sum(), embedded)
    assert flow[padding].count_nonzero() == 0

    leaf = states.detach().requires_grad_()
    attended = network.pooling(network.attention(leaf, ~padding), ~padding)
    (flow,) = torch.autograd.grad(attended.pow(2).sum(), leaf)
    assert flow[padding].count_nonzero() == 0


def test_every_gradient_is_alive(network):
    """Guards the tests above: a network that passed no gradient at all would satisfy them."""
    cross_entropy(network(*padded([[1, 2, 3, 4, 5], [6]])).logits, torch.tensor([0, 1])).backward()
    assert all(p.grad.count_nonzero() for p in network.parameters())


@pytest.mark.parametrize("extra", [0, 1, 30])
def test_a_text_of_one_token_shorter_than_every_filter_is_scored(network, extra):
    ids, lengths = padded([[7]], extra)
    with torch.no_grad():
        logits, weights = network(ids, lengths)
    assert logits.isfinite().all()
    assert weights[0, :, 0, 0].tolist() == [1.0, 1.0]


def test_a_row_of_padding_alone_is_scored_and_disturbs_no_other(network):
    ids = torch.tensor([[0, 0, 0], [4, 5, 6]])
    with torch.no_grad():
        logits = network(ids).logits
        alone = network(ids[1:]).logits
    assert logits.isfinite().all()
    torch.testing.assert_close(logits[1:], alone, atol=1e-5, rtol=0)


def test_other_texts_score_differently(network):
    with torch.no_grad():
        logits = network(*padded([[1, 2, 3], [3, 2, 1], [1, 2], [1, 2, 4]])).logits
    assert len({tuple(row) for row in logits.tolist()}) == 4


@pytest.mark.parametrize("extra", [0, 5])
def test_half_precision_agrees_loosely_and_returns_full_precision(network, extra):
    ids, lengths = padded([[1, 2, 3, 4], [5], [6, 7]], extra)
    with torch.no_grad():
        exact, exact_weights = network(ids, lengths)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            rough, rough_weights = network(ids, lengths)
    assert rough.dtype == torch.float32
    torch.testing.assert_close(rough, exact, atol=0.05, rtol=0.05)
    torch.testing.assert_close(rough_weights.float(), exact_weights, atol=0.02, rtol=0.05)
    assert rough_weights[1, :, :, 1:].count_nonzero() == 0


def test_half_precision_can_be_trained(network):
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = network.train()(*padded([[1, 2, 3, 4], [5]], 2)).logits
    cross_entropy(logits, torch.tensor([0, 1])).backward()
    assert all(p.grad.isfinite().all() for p in network.parameters())
