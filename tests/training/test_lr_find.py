from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from roomtone.config import Config
from roomtone.data.batches import BatchLoader
from roomtone.data.dataset import SentimentDataset
from roomtone.errors import TrainingError
from roomtone.nets import HybridNetwork, initialise
from roomtone.text import Vocabulary
from roomtone.training.lr_find import judge, range_test
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


def falling(middle: float, steepness: float = 4.0) -> np.ndarray:
    """A loss that falls from 1.1 to 0.3 around a rate, as a logistic curve of its logarithm."""
    return 0.3 + 0.8 / (1 + (RATES / middle) ** steepness)


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


def network() -> HybridNetwork:
    made = HybridNetwork(CONFIG.model, 20)
    initialise(made, generator(42, INITIALISATION))
    return made


@given(st.floats(-4.5, -1.5), st.floats(1.5, 6.0))
def test_the_steepest_descent_of_a_smooth_curve_is_found(exponent, steepness):
    found = judge(RATES, falling(10**exponent, steepness), diverged=False)
    assert math.log10(found.suggested) == pytest.approx(exponent, abs=0.25)


def test_noise_on_the_losses_moves_the_suggestion_by_a_fraction_of_a_decade():
    noise = np.random.default_rng(1).normal(0, 0.1, (50, len(RATES)))
    found = [judge(RATES, falling(1e-3) + row, diverged=False).suggested for row in noise]
    assert np.abs(np.log10(found) + 3).max() < 0.5


def test_what_comes_after_the_lowest_point_is_left_out_of_account():
    losses = falling(1e-3)
    losses[RATES > 0.05] += 5 * np.log(RATES[RATES > 0.05] / 0.05)
    losses[-1] = 900.0
    found = judge(RATES, losses, diverged=True)
    assert math.log10(found.suggested) == pytest.approx(-3, abs=0.3)
    assert 0.001 < found.tenth_of_lowest < 0.006


def test_rates_are_given_with_two_digits():
    found = judge(RATES, falling(1.2345e-3), diverged=False)
    assert found.suggested == float(f"{found.suggested:.1e}")
    assert found.tenth_of_lowest == float(f"{found.tenth_of_lowest:.1e}")


@pytest.mark.parametrize("losses", [np.full(300, 1.1), np.linspace(1.1, 3.0, 300)])
def test_a_loss_that_falls_nowhere_is_a_clear_error(losses):
    with pytest.raises(TrainingError, match="falls at no rate from 1e-06 to 1"):
        judge(RATES, losses, diverged=False)


def test_a_loss_that_leaves_all_bounds_at_once_is_a_clear_error():
    with pytest.raises(TrainingError, match="after 7 steps"):
        judge(RATES, [1.0] * 7, diverged=True)


def test_a_network_learns_under_growing_rates_until_it_diverges_or_they_end(loader):
    told = []
    found = range_test(
        network(), loader, CONFIG, rates=RATES[:240], tell=lambda *step: told.append(step)
    )
    assert found.rates == tuple(RATES[: len(found.losses)])
    assert 1e-4 < found.suggested < 0.1
    assert min(found.smoothed) < 0.7 * found.smoothed[0]
    assert [number for number, _, _ in told] == list(range(1, len(found.losses) + 1))
    assert found.diverged == (len(found.losses) < 240)


def test_rates_beyond_all_reason_end_the_test_early(loader):
    found = range_test(network(), loader, CONFIG, rates=np.geomspace(1e-4, 1e4, 160))
    assert found.diverged
    assert len(found.losses) < 160


def test_losses_are_free_of_noise_where_the_rate_has_not_moved_the_weights(loader):
    found = range_test(network(), loader, CONFIG, rates=np.geomspace(1e-9, 0.3, 150))
    assert np.ptp(found.losses[:20]) < 1e-4 < np.ptp(found.losses[-50:])


def test_the_same_seed_gives_the_same_curve_and_another_one_another(loader):
    def losses(seed: int) -> tuple[float, ...]:
        config = CONFIG.model_copy(update={"seed": seed})
        return range_test(network(), loader, config, rates=np.geomspace(1e-5, 0.3, 60)).losses

    assert losses(1) == losses(1)
    assert losses(1) != losses(2)


def test_class_weights_and_the_optimiser_take_part(loader):
    def losses(**training: object) -> tuple[float, ...]:
        config = Config.model_validate({"model": CONFIG.model, "training": training})
        return range_test(network(), loader, config, rates=np.geomspace(1e-5, 0.3, 60)).losses

    plain = losses()
    assert losses(optimizer="adamw", weight_decay=0.5) != plain
    assert losses(class_weights=[1.0, 2.0, 3.0]) != plain
    assert losses(gradient_clip=0.01, optimizer="adam") != plain
