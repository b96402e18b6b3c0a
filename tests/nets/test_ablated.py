"""Networks that lack a part: what is left works, is masked, and holds no idle parameters."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from roomtone.config.model import ModelConfig
from roomtone.errors import RoomtoneError
from roomtone.nets import HybridNetwork, initialise
from roomtone.nets.packed import can_be_packed

PARTS = {"embedding", "cnn", "bilstm", "attention", "pooling", "classifier"}
OFF = {"enabled": False}
ABLATED = {
    "no cnn": ({"cnn": OFF}, {"cnn"}),
    "no bilstm": ({"bilstm": OFF}, {"bilstm"}),
    "no self-attention": ({"attention": OFF}, {"attention"}),
    "mean pooling": ({"attention": {"pooling": "mean"}}, {"pooling"}),
    "no attention": ({"attention": {**OFF, "pooling": "mean"}}, {"attention", "pooling"}),
    "cnn alone": ({"bilstm": OFF, "attention": OFF}, {"bilstm", "attention", "pooling"}),
    "bilstm alone": (
        {"cnn": OFF, "attention": {**OFF, "pooling": "mean"}},
        {"cnn", "attention", "pooling"},
    ),
    "attention alone": ({"cnn": OFF, "bilstm": OFF}, {"cnn", "bilstm"}),
}
BASE = {
    "embedding_dim": 6,
    "cnn": {"filter_sizes": [2, 3], "num_filters": 5},
    "bilstm": {"hidden_size": 4, "num_layers": 2},
    "attention": {"num_heads": 2},
    "classifier": {"hidden_sizes": [7], "dropout": [0.3]},
}


def build(changes) -> HybridNetwork:
    tree = {key: {**BASE[key], **changes[key]} if key in changes else BASE[key] for key in BASE}
    network = HybridNetwork(ModelConfig.model_validate(tree), 20)
    generator = torch.Generator().manual_seed(2)
    initialise(network, generator)
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if "bias" in name:
                parameter.add_(0.3 * torch.rand(parameter.shape, generator=generator))
    return network.eval()


@pytest.fixture(scope="module", params=ABLATED)
def case(request):
    changes, absent = ABLATED[request.param]
    return build(changes), absent


def test_what_is_absent_has_no_parameters_and_all_others_learn(case):
    network, absent = case
    assert {name.split(".")[0] for name, _ in network.named_parameters()} == PARTS - absent
    network.zero_grad()
    network(torch.tensor([[3, 4, 5, 6, 7], [7, 8, 9, 0, 0]])).logits.pow(2).sum().backward()
    idle = [name for name, value in network.named_parameters() if not value.grad.any()]
    assert not idle


batches = st.lists(st.lists(st.integers(1, 19), min_size=1, max_size=12), min_size=1, max_size=5)


@given(batch=batches, extra=st.integers(0, 6))
@settings(max_examples=20)
def test_padding_changes_nothing(case, batch, extra):
    network, _ = case
    width = max(map(len, batch)) + extra
    ids = torch.tensor([[*text, *[0] * (width - len(text))] for text in batch])
    with torch.no_grad():
        together = network(ids, torch.tensor([len(text) for text in batch])).logits
        alone = torch.cat([network(torch.tensor([text])).logits for text in batch])
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=0)


def test_it_is_left_to_pytorch_and_a_whole_one_is_not(case):
    assert not can_be_packed(case[0])
    assert can_be_packed(build({}))


def test_without_an_lstm_attention_sees_the_word_vectors():
    network, ids = build({"bilstm": OFF}), torch.tensor([[3, 4, 3]])
    output = network(ids)
    torch.testing.assert_close(output.states, network.embedding(ids))
    assert output.attention_weights.shape == (1, 2, 3, 3)


def test_mean_pooling_is_the_mean_of_the_states_of_the_tokens():
    network, ids = build({"attention": {"pooling": "mean"}}), torch.tensor([[3, 4, 0], [5, 6, 7]])
    mask = ids != 0
    states = torch.rand(2, 3, 8)
    pooled = network.pooling(states, mask)
    torch.testing.assert_close(pooled, torch.stack([states[0, :2].mean(0), states[1].mean(0)]))
    expected = torch.tensor([[0.5, 0.5, 0.0], [1 / 3, 1 / 3, 1 / 3]])
    torch.testing.assert_close(network.pooling.weights(states, mask), expected)


def test_convolutions_alone_are_blind_to_an_order_beyond_their_windows():
    """Nothing of the other branch is left: far words may change places."""
    network = build({"bilstm": OFF, "attention": OFF})
    ids = torch.tensor([[3, 1, 1, 1, 4], [4, 1, 1, 1, 3]])
    whole = build({})(ids).logits
    for conv in network.cnn.convs:  # filters of one word: that in the middle
        middle = conv.weight.data[..., 1].clone()
        conv.weight.data.zero_()[..., 1] = middle
    with torch.no_grad():
        alone = network(ids).logits
    assert not torch.allclose(whole[0], whole[1])
    torch.testing.assert_close(alone[0], alone[1])


def test_attention_weights_that_do_not_exist_are_an_error_that_says_why():
    output = build({"attention": OFF})(torch.tensor([[3, 4]]))
    with pytest.raises(RoomtoneError, match=r"model\.attention\.enabled: false"):
        _, _ = output
