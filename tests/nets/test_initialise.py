from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from roomtone.nets import HybridNetwork, initialise, load_vectors
from roomtone.nets.hybrid import PAD
from roomtone.nets.initialise import EMBEDDING_STD


def drawn(config, seed: int, vocab_size: int = 20) -> HybridNetwork:
    network = HybridNetwork(config, vocab_size)
    initialise(network, torch.Generator().manual_seed(seed))
    return network


def test_one_seed_gives_one_network_whatever_torchs_own_state(config):
    first = drawn(config, 5).state_dict()
    torch.manual_seed(99)
    second = drawn(config, 5).state_dict()
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_the_seed_decides_every_parameter_but_biases_and_norms(config):
    first, second = drawn(config, 1).state_dict(), drawn(config, 2).state_dict()
    same = {name for name in first if torch.equal(first[name], second[name])}
    assert same == {name for name in first if "bias" in name or "norm" in name}


def test_a_trained_network_is_drawn_anew_entirely(config):
    fresh, used = drawn(config, 1), drawn(config, 2)
    with torch.no_grad():
        for parameter in used.parameters():
            parameter.add_(1.0)
    initialise(used, torch.Generator().manual_seed(1))
    expected, found = fresh.state_dict(), used.state_dict()
    assert [name for name in expected if not torch.equal(expected[name], found[name])] == []


def test_forget_gates_start_open_and_other_biases_at_zero(config):
    size = config.bilstm.hidden_size
    for name, value in drawn(config, 1).named_parameters():
        if "bias_ih" in name:
            gates = value.view(4, size)
            assert gates[1].tolist() == [1.0] * size
            assert gates[[0, 2, 3]].count_nonzero() == 0
        elif "bias" in name:
            assert value.count_nonzero() == 0, name


def test_recurrent_weights_are_orthogonal_for_each_gate(config):
    size = config.bilstm.hidden_size
    for layer in drawn(config, 1).bilstm.ahead:
        for gate in layer.weight_hh_l0.split(size):
            torch.testing.assert_close(gate @ gate.T, torch.eye(size), atol=1e-5, rtol=0)


def test_weights_lie_within_one_over_the_root_of_their_inputs(config):
    network = drawn(config, 1)
    for weight in (network.classifier[0].weight, network.cnn.convs[0].weight):
        bound = 1 / math.sqrt(weight[0].numel())
        assert 0.8 * bound < weight.abs().max() <= bound


def test_word_vectors_have_their_spread_and_padding_is_zero(config):
    weight = drawn(config, 1, vocab_size=5000).embedding.weight
    assert weight[1:].std().item() == pytest.approx(EMBEDDING_STD, rel=0.02)
    assert weight[PAD].count_nonzero() == 0


def test_pretrained_vectors_take_their_rows_and_the_others_their_spread(config):
    network = drawn(config, 1, vocab_size=2000)
    before = network.embedding.weight.detach().clone()
    found = np.arange(2000) % 2 == 1
    matrix = np.random.default_rng(0).normal(0, 0.4, (2000, 6)).astype(np.float32)
    matrix[~found] = 0
    load_vectors(network, matrix, found)
    weight = network.embedding.weight
    assert torch.equal(weight[found], torch.from_numpy(matrix[found]))
    rest = torch.from_numpy(~found)
    rest[PAD] = False
    assert weight[rest].std().item() == pytest.approx(0.4, rel=0.05)
    torch.testing.assert_close(
        weight[rest] / before[rest], torch.full_like(before[rest], 4), atol=0.1, rtol=0
    )
    assert weight[PAD].count_nonzero() == 0
    assert weight.requires_grad


def test_vectors_for_no_word_change_nothing(config):
    network = drawn(config, 1)
    before = network.embedding.weight.detach().clone()
    load_vectors(network, np.zeros((20, 6), dtype=np.float32), np.zeros(20, dtype=bool))
    assert torch.equal(network.embedding.weight, before)


def test_a_vector_for_padding_is_ignored(config):
    network = drawn(config, 1)
    load_vectors(network, np.ones((20, 6), dtype=np.float32), np.arange(20) < 3)
    assert network.embedding.weight[PAD].count_nonzero() == 0


def test_constant_vectors_leave_the_other_words_random(config):
    network = drawn(config, 1)
    load_vectors(network, np.ones((20, 6), dtype=np.float32), np.arange(20) < 3)
    assert (network.embedding.weight[3:].std(dim=1) > 0).all()
