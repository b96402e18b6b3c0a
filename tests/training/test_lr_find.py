from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from roomtone.config import Config
from roomtone.data.batches import BatchLoader
from roomtone.data.dataset import SentimentDataset
from roomtone.nets import HybridNetwork, initialise
from roomtone.text import Vocabulary
from roomtone.training.lr_find import range_test
from roomtone.training.seeds import INITIALISATION, generator

RATES = np.geomspace(1e-6, 1, 300)
CONFIG = Config.model_validate(
    {
        "model": {
            "embedding_dim": 8,
            "cnn": {"num_filters": 4},
            "bilstm": {"hidden_size": 4, "num_layers": 1},
            "attention": {"num_heads": 2},
            "classifier": {"hidden_sizes": [8], "dropout": [0.1]},
        }
    }
)
WORDS = ("bad awful poor", "plain usual fair", "good great fine")
TEXTS = [f"{a} {b}" for words in WORDS for a in words.split() for b in words.split()] * 4
LABELS = [label for label, words in enumerate(WORDS) for _ in range(9)] * 4


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def loader() -> BatchLoader:
    vocabulary = Vocabulary(min_freq=1).build_from_texts(TEXTS)
    return BatchLoader(SentimentDataset(TEXTS, LABELS, vocabulary), 8, shuffle=True)


@pytest.fixture
def network(device: str) -> Callable[[], HybridNetwork]:
    def make() -> HybridNetwork:
        made = HybridNetwork(CONFIG.model, 20)
        initialise(made, generator(42, INITIALISATION))
        return made.to(device)

    return make


def test_a_network_learns_under_growing_rates_until_it_diverges_or_they_end(loader, network):
    told = []
    found = range_test(
        network(), loader, CONFIG, rates=RATES[:240], tell=lambda *step: told.append(step)
    )
    assert found.rates == tuple(RATES[: len(found.losses)])
    assert 1e-4 < found.steepest < 0.1
    assert min(found.smoothed) < 0.7 * found.smoothed[0]
    assert [number for number, _, _ in told] == list(range(1, len(found.losses) + 1))
    assert found.diverged == (len(found.losses) < 240)


def test_rates_beyond_all_reason_end_the_test_early(loader, network):
    found = range_test(network(), loader, CONFIG, rates=np.geomspace(1e-4, 1e4, 160))
    assert found.diverged
    assert len(found.losses) < 160


def test_losses_are_free_of_noise_where_the_rate_has_not_moved_the_weights(loader, network):
    found = range_test(network(), loader, CONFIG, rates=np.geomspace(1e-9, 0.3, 150))
    assert np.ptp(found.losses[:20]) < 1e-4 < np.ptp(found.losses[-50:])


def test_the_same_seed_gives_the_same_curve_and_another_one_another(loader, network):
    def losses(seed: int) -> tuple[float, ...]:
        config = CONFIG.model_copy(update={"seed": seed})
        return range_test(network(), loader, config, rates=np.geomspace(1e-5, 0.3, 60)).losses

    assert losses(1) == losses(1)
    assert losses(1) != losses(2)


def test_class_weights_and_the_optimiser_take_part(loader, network):
    def losses(**training: object) -> tuple[float, ...]:
        config = Config.model_validate({"model": CONFIG.model, "training": training})
        return range_test(network(), loader, config, rates=np.geomspace(1e-5, 0.3, 60)).losses

    plain = losses()
    assert losses(optimizer="adamw", weight_decay=0.5) != plain
    assert losses(class_weights=[1.0, 2.0, 3.0]) != plain
    assert losses(gradient_clip=0.01, optimizer="adam") != plain
