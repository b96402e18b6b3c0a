from __future__ import annotations

import pytest
import torch

from roomtone.config.model import ModelConfig
from roomtone.nets import HybridNetwork, initialise


@pytest.fixture(autouse=True, scope="session")
def _one_thread():
    """Small tensors gain nothing from threads, and lose much on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def config() -> ModelConfig:
    return ModelConfig.model_validate(
        {
            "embedding_dim": 6,
            "embedding_dropout": 0.2,
            "num_classes": 3,
            "cnn": {"filter_sizes": [2, 3, 4, 5], "num_filters": 5},
            "bilstm": {"hidden_size": 4, "num_layers": 2},
            "attention": {"num_heads": 2},
            "classifier": {"hidden_sizes": [7], "dropout": [0.3]},
        }
    )


@pytest.fixture
def network(config) -> HybridNetwork:
    """A network with every parameter away from zero, in evaluation mode."""
    network = HybridNetwork(config, vocab_size=20)
    generator = torch.Generator().manual_seed(1)
    initialise(network, generator)
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if "bias" in name:
                # Upwards, so that no unit of this small network is dead.
                parameter.add_(0.3 * torch.rand(parameter.shape, generator=generator))
    return network.eval()
