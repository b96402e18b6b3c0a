from __future__ import annotations

import pytest
import torch

from roomtone.config.model import ModelConfig
from roomtone.nets import HybridNetwork, initialise, set_generator
from roomtone.nets.words import each_position

IDS = torch.tensor([[3, 4, 5, 6], [7, 8, 0, 0]])


def test_evaluation_is_deterministic_and_draws_no_random_numbers(network):
    before = torch.get_rng_state()
    with torch.no_grad():
        first, second = network(IDS).logits, network(IDS).logits
    assert torch.equal(first, second)
    assert torch.equal(torch.get_rng_state(), before)


def test_training_repeats_itself_under_one_generator_alone(network):
    def logits(seed: int) -> torch.Tensor:
        set_generator(network, torch.Generator().manual_seed(seed))
        return network.train()(IDS).logits

    assert torch.equal(logits(1), logits(1))
    assert not torch.equal(logits(1), logits(2))


def test_the_output_unpacks_to_logits_and_attention_weights(network):
    output = network(IDS)
    logits, weights = output
    assert torch.equal(logits, output.logits)
    assert torch.equal(weights, output.attention_weights)
    assert weights.shape == (2, 2, 4, 4)


def test_words_computed_once_give_what_each_position_on_its_own_does(network):
    ids = torch.tensor([[3, 4, 3, 3, 5], [4, 4, 0, 0, 0], [5, 3, 4, 0, 0]])
    lengths = torch.tensor([5, 2, 3])

    def gradients(logits: torch.Tensor) -> list[torch.Tensor]:
        network.zero_grad()
        torch.nn.functional.cross_entropy(logits, torch.tensor([0, 1, 2])).backward()
        return [parameter.grad.clone() for parameter in network.parameters()]

    shared = network(ids, lengths).logits
    rows = network.embedding(ids).flatten(0, 1)
    single = network.classify(rows, each_position(ids), lengths).logits
    torch.testing.assert_close(shared, single)
    for found, expected in zip(gradients(shared), gradients(single), strict=True):
        torch.testing.assert_close(found, expected, atol=1e-6, rtol=1e-4)


def test_a_word_loses_the_same_features_wherever_it_stands(network):
    seen = []
    network.embedding_dropout.register_forward_hook(lambda *call: seen.append(call[2]))
    network.train()(torch.tensor([[3, 4, 3], [3, 5, 4]]))
    assert len(seen[0]) >= 3  # one row for each word
    assert len({tuple(row) for row in (seen[0] == 0).tolist()}) > 1


def test_a_traced_network_scores_alike(network):
    ids, lengths = torch.tensor([[3, 4, 3], [3, 5, 0]]), torch.tensor([3, 2])
    network.requires_grad_(False)
    traced = torch.jit.trace(lambda *case: network(*case).logits, (ids, lengths))
    torch.testing.assert_close(traced(ids, lengths), network(ids, lengths).logits)


@pytest.mark.parametrize("classes", [2, 3, 20])
@pytest.mark.parametrize("hidden", [(), (5,), (6, 5, 4)])
def test_any_number_of_classes_and_hidden_layers_fits(classes, hidden):
    config = ModelConfig.model_validate(
        {
            "embedding_dim": 4,
            "num_classes": classes,
            "bilstm": {"hidden_size": 2, "num_layers": 1},
            "classifier": {"hidden_sizes": hidden, "dropout": [0.1] * len(hidden)},
        }
    )
    assert HybridNetwork(config, vocab_size=10)(IDS).logits.shape == (2, classes)


def test_the_smallest_sizes_work():
    config = ModelConfig.model_validate(
        {
            "embedding_dim": 1,
            "cnn": {"filter_sizes": [1], "num_filters": 1},
            "bilstm": {"hidden_size": 1, "num_layers": 1},
            "attention": {"num_heads": 1},
            "classifier": {"hidden_sizes": [1], "dropout": [0.0]},
        }
    )
    network = HybridNetwork(config, vocab_size=10)
    initialise(network, torch.Generator().manual_seed(0))
    assert network(IDS).logits.isfinite().all()


def test_a_saved_state_gives_the_same_scores(network, config):
    other = HybridNetwork(config, vocab_size=20).eval()
    other.load_state_dict(network.state_dict())
    with torch.no_grad():
        assert torch.equal(other(IDS).logits, network(IDS).logits)


def test_parameters_are_named_so_that_a_user_can_freeze_parts(network):
    parts = {name.split(".")[0] for name, _ in network.named_parameters()}
    assert parts == {"embedding", "cnn", "bilstm", "attention", "pooling", "classifier"}


def test_the_network_can_learn_a_rule_of_word_order(config):
    """Class 1 where token 3 stands before token 4: neither a bag of words nor a guess does it."""
    network = HybridNetwork(config, vocab_size=20)
    initialise(network, torch.Generator().manual_seed(0))
    set_generator(network, torch.Generator().manual_seed(0))
    texts = torch.tensor([[5, 3, 6, 4], [5, 4, 6, 3], [3, 4, 5, 0], [4, 3, 5, 0]])
    labels = torch.tensor([1, 0, 1, 0])
    optimiser = torch.optim.Adam(network.parameters(), lr=0.02)
    for _ in range(60):
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(network(texts).logits, labels).backward()
        optimiser.step()
    assert network.eval()(texts).logits.argmax(dim=1).tolist() == labels.tolist()
