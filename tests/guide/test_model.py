from __future__ import annotations

import copy
import inspect

import numpy as np
import pytest
import torch

from roomtone.config import Config
from roomtone.errors import CheckpointError, ConfigError
from roomtone.guide import HybridCNNBiLSTM
from roomtone.nets import HybridNetwork, initialise
from roomtone.training.seeds import INITIALISATION, generator

SMALL = {
    "num_filters": 4,
    "hidden_size": 4,
    "num_layers": 1,
    "num_heads": 2,
    "classifier_hidden": (8,),
    "classifier_dropout": (0.1,),
}
IDS = torch.tensor([[5, 9, 3, 4], [7, 2, 0, 0]])


def same_weights(one: torch.nn.Module, other: torch.nn.Module) -> bool:
    pairs = zip(one.state_dict().items(), other.state_dict().items(), strict=True)
    return all(a == b and torch.equal(x, y) for (a, x), (b, y) in pairs)


def test_its_output_unpacks_to_logits_and_attention_weights_of_every_head():
    logits, attention_weights = HybridCNNBiLSTM(20, 6, **SMALL).eval()(IDS)
    assert logits.shape == (2, 3)
    assert attention_weights.shape == (2, 2, 4, 4)
    torch.testing.assert_close(attention_weights[0].sum(dim=-1), torch.ones(2, 4))
    assert attention_weights[1, :, 2:].abs().sum() == 0


def test_its_defaults_are_those_of_the_configuration():
    model = HybridCNNBiLSTM()
    assert model.config == Config().model
    assert model.embedding.weight.shape == (20000, 300)


def test_it_is_the_network_that_a_run_builds():
    model = HybridCNNBiLSTM(20, 6, seed=7, **SMALL)
    network = HybridNetwork(model.config, 20)
    initialise(network, generator(7, INITIALISATION))
    assert same_weights(model, network)


def test_the_seed_alone_decides_its_weights():
    torch.manual_seed(1)
    first = HybridCNNBiLSTM(20, 6, **SMALL)
    torch.manual_seed(2)
    assert same_weights(first, HybridCNNBiLSTM(20, 6, **SMALL))
    assert not same_weights(first, HybridCNNBiLSTM(20, 6, seed=43, **SMALL))


@pytest.mark.parametrize(
    ("keyword", "value", "changed"),
    [
        ("vocab_size", 30, "embedding.weight"),
        ("embedding_dim", 8, "embedding.weight"),
        ("num_classes", 5, "classifier.3.weight"),
        ("filter_sizes", (2, 3), "cnn"),
        ("num_filters", 5, "cnn"),
        ("hidden_size", 6, "bilstm"),
        ("num_layers", 2, "bilstm"),
        ("classifier_hidden", (9,), "classifier.0.weight"),
    ],
)
def test_each_size_has_its_effect(keyword, value, changed):
    def shapes(**settings):
        model = HybridCNNBiLSTM(**{"vocab_size": 20, "embedding_dim": 6, **SMALL, **settings})
        return {k: v.shape for k, v in model.state_dict().items() if k.startswith(changed)}

    assert shapes() != shapes(**{keyword: value})


@pytest.mark.parametrize(
    ("keyword", "part"),
    [
        ("cnn_dropout", "cnn"),
        ("lstm_dropout", "bilstm"),
        ("attention_dropout", "attention"),
        ("embedding_dropout", "embedding_dropout"),
    ],
)
def test_each_dropout_reaches_its_part(keyword, part):
    model = HybridCNNBiLSTM(20, 6, **{**SMALL, keyword: 0.77})
    rates = {
        name: module.p for name, module in model.named_modules() if getattr(module, "p", 0) == 0.77
    }
    assert rates
    assert all(name.startswith(part) for name in rates)


def test_the_sizes_that_only_the_configuration_carries_are_kept():
    model = HybridCNNBiLSTM(20, 6, max_len=77, **SMALL)
    assert (model.config.max_len, model.config.attention.num_heads) == (77, 2)


def test_numbers_of_numpy_are_taken_as_numbers():
    model = HybridCNNBiLSTM(np.int64(20), np.int32(6), **SMALL)
    assert model.config.vocab_size == 20


def test_all_mistakes_are_reported_at_once_by_their_keywords():
    with pytest.raises(ConfigError) as caught:
        HybridCNNBiLSTM(2, 6, num_filters=0, hidden_size=4, num_heads=3, cnn_dropout=1.5)
    assert len(caught.value.problems) == 4
    text = str(caught.value)
    assert "vocab_size: found 2" in text
    assert "num_filters: found 0" in text
    assert "cnn_dropout: found 1.5" in text
    assert "num_heads: found 3, expected a divisor of 8 (twice hidden_size): 1, 2, 4, 8" in text
    assert "model." not in text


def test_a_mistyped_keyword_is_an_error():
    with pytest.raises(TypeError, match="num_filter"):
        HybridCNNBiLSTM(20, num_filter=3)


def test_every_keyword_is_documented():
    documented = inspect.getdoc(HybridCNNBiLSTM)
    keywords = inspect.signature(HybridCNNBiLSTM).parameters
    assert all(f"{keyword}" in documented for keyword in keywords)


def test_a_finished_run_gives_its_model_back(run_folder):
    model = HybridCNNBiLSTM.from_run(run_folder)
    saved = torch.load(run_folder / "final_model.pt", weights_only=True)
    assert model.state_dict().keys() == saved["model_state_dict"].keys()
    assert all(
        torch.equal(tensor, saved["model_state_dict"][name])
        for name, tensor in model.state_dict().items()
    )
    assert same_weights(model, HybridCNNBiLSTM.from_run(str(run_folder / "final_model.pt")))
    assert model.config.cnn.num_filters == 8


def test_a_folder_without_a_model_is_a_clear_error(tmp_path):
    with pytest.raises(CheckpointError, match=r"final_model\.pt: no such file"):
        HybridCNNBiLSTM.from_run(tmp_path)


def test_it_can_be_copied():
    model = HybridCNNBiLSTM(20, 6, **SMALL)
    assert same_weights(model, copy.deepcopy(model))
