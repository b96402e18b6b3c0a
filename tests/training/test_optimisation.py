"""Loss, class weights, optimiser and freezing agree with torch and scikit-learn."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.utils.class_weight import compute_class_weight

from roomtone.config import Config
from roomtone.config.model import ModelConfig
from roomtone.config.schema import EmbeddingsConfig
from roomtone.config.training import TrainingConfig
from roomtone.errors import ConfigError
from roomtone.nets import HybridNetwork, initialise
from roomtone.training.optimisation import (
    ParameterGroups,
    WeightedLoss,
    build_optimizer,
    class_weights,
    freeze,
)

SIZES = {
    "embedding_dim": 6,
    "cnn": {"filter_sizes": (2,), "num_filters": 4},
    "bilstm": {"hidden_size": 4, "num_layers": 1},
    "attention": {"num_heads": 2},
    "classifier": {"hidden_sizes": (5,), "dropout": (0.1,)},
}


@pytest.fixture
def network():
    net = HybridNetwork(ModelConfig(**SIZES), 20)
    initialise(net, torch.Generator().manual_seed(0))
    return net


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 2), min_size=3, max_size=60).filter(lambda x: len(set(x)) == 3))
def test_balanced_weights_equal_those_of_scikit_learn(labels):
    ours = class_weights(TrainingConfig(class_weights="balanced"), np.array(labels), 3)
    theirs = compute_class_weight("balanced", classes=np.arange(3), y=labels)
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def test_a_class_without_rows_still_gets_a_finite_weight():
    weights = class_weights(TrainingConfig(class_weights="balanced"), np.array([0, 0, 1]), 3)
    assert torch.isfinite(weights).all()


def test_weights_can_be_given_or_left_out():
    labels = np.array([0, 1, 2])
    given_ = class_weights(TrainingConfig(class_weights=(1.0, 2.0, 0.5)), labels, 3)
    assert given_.tolist() == [1.0, 2.0, 0.5]
    assert class_weights(TrainingConfig(), labels, 3) is None


@pytest.mark.parametrize("weights", [None, [0.2, 1.0, 3.0]])
@pytest.mark.parametrize("smoothing", [0.0, 0.15])
def test_the_loss_equals_that_of_torch_and_its_weight_is_what_it_is_a_mean_over(weights, smoothing):
    source = torch.Generator().manual_seed(1)
    logits = torch.randn(17, 3, generator=source)
    labels = torch.randint(0, 3, (17,), generator=source)
    weight = None if weights is None else torch.tensor(weights)
    mean, total = WeightedLoss(weight, smoothing)(logits, labels)
    theirs = torch.nn.CrossEntropyLoss(weight=weight, label_smoothing=smoothing)
    torch.testing.assert_close(mean, theirs(logits, labels))
    summed = torch.nn.CrossEntropyLoss(weight, label_smoothing=smoothing, reduction="sum")
    torch.testing.assert_close(mean * total, summed(logits, labels))


@pytest.mark.parametrize(("name", "kind"), [("adam", "Adam"), ("adamw", "AdamW")])
@pytest.mark.parametrize("lazy", [False, True])
def test_the_fused_optimiser_moves_as_the_plain_one(network, name, kind, lazy):
    training = TrainingConfig(optimizer=name, weight_decay=0.01, betas=(0.8, 0.95))
    config = Config(training=training, embeddings=EmbeddingsConfig(lazy=lazy))
    twin = HybridNetwork(ModelConfig(**SIZES), 20)
    twin.load_state_dict(network.state_dict())
    fused = build_optimizer(config, network)
    plain = getattr(torch.optim, kind)(
        twin.parameters(), lr=0.001, betas=(0.8, 0.95), weight_decay=0.01
    )
    source = torch.Generator().manual_seed(2)
    for _ in range(5):
        for one, other in zip(network.parameters(), twin.parameters(), strict=True):
            one.grad = torch.randn(one.shape, generator=source)
            other.grad = one.grad.clone()
        fused.step()
        plain.step()
    for ours, theirs in zip(network.parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-6)


def test_each_group_of_parameters_keeps_its_share_of_the_rate():
    first, second = (torch.nn.Parameter(torch.ones(2)) for _ in range(2))
    optimizer = torch.optim.SGD([{"params": [first]}, {"params": [second], "lr": 0.02}], lr=0.1)
    groups = ParameterGroups(optimizer, 0.1)
    groups.set_rate(0.05)
    assert [group["lr"] for group in optimizer.param_groups] == pytest.approx([0.05, 0.01])


@pytest.mark.parametrize("wait", [True, False])
@pytest.mark.parametrize(("limit", "after"), [(1.0, 1.0), (0.0, 5.0), (9.0, 5.0)])
def test_clipping_returns_the_norm_before_and_zero_turns_it_off(limit, after, wait):
    parameter = torch.nn.Parameter(torch.zeros(2))
    parameter.grad = torch.tensor([3.0, 4.0])
    groups = ParameterGroups(torch.optim.SGD([parameter], lr=0.1), 0.1)
    assert groups.clip(limit, wait=wait).item() == pytest.approx(5.0)
    assert parameter.grad.norm().item() == pytest.approx(after, rel=1e-4)


@pytest.mark.parametrize(("limit", "share"), [(1.0, 0.2), (0.0, 1.0), (9.0, 1.0)])
def test_clipping_counts_the_rows_of_a_sparse_gradient_once_each(limit, share):
    """A row that comes twice is one row, of the sum."""
    words = torch.nn.Embedding(5, 1, sparse=True)
    other = torch.nn.Parameter(torch.zeros(1))
    words(torch.tensor([1, 3, 3])).backward(torch.tensor([[0.0], [1.0], [2.0]]))
    other.grad = torch.tensor([4.0])
    groups = ParameterGroups(torch.optim.SGD([words.weight, other], lr=0.1), 0.1)
    assert groups.clip(limit).item() == pytest.approx(5.0)
    expected = [[0.0], [0.0], [0.0], [3 * share], [0.0]]
    torch.testing.assert_close(words.weight.grad.to_dense(), torch.tensor(expected))
    assert other.grad.item() == pytest.approx(4 * share)


def test_without_any_gradient_there_is_a_norm_of_zero():
    parameter = torch.nn.Parameter(torch.zeros(2))
    assert ParameterGroups(torch.optim.SGD([parameter], lr=0.1), 0.1).clip(1.0).item() == 0.0


def test_freezing_reaches_every_parameter_that_holds_the_word_and_no_other(network):
    frozen = freeze(network, ["embedding", "cnn"])
    expected = [n for n, _ in network.named_parameters() if n.startswith(("embedding", "cnn"))]
    assert sorted(frozen) == sorted(expected)
    for name, parameter in network.named_parameters():
        assert parameter.requires_grad == (name not in expected)


def test_a_part_is_named_whole_and_at_any_depth(network):
    assert all(name.startswith("bilstm.ahead.") for name in freeze(network, ["bilstm.ahead"]))
    with pytest.raises(ConfigError, match="found 'e'"):
        freeze(network, ["e"])


def test_a_word_that_fits_nothing_is_an_error_with_the_nearest_part(network):
    with pytest.raises(ConfigError, match=r"found 'bilsm'.*did you mean 'bilstm'"):
        freeze(network, ["bilsm"])


def test_freezing_everything_is_an_error(network):
    parts = {name.split(".")[0] for name, _ in network.named_parameters()}
    with pytest.raises(ConfigError, match="leave a part to train"):
        freeze(network, sorted(parts))
