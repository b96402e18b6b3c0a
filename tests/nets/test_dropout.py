from __future__ import annotations

import pytest
import torch
from torch import nn

from roomtone.nets.dropout import SequenceDropout, WordDropout, set_generator


def dropout(p: float, seed: int) -> SequenceDropout:
    layer = SequenceDropout(p)
    layer.generator = torch.Generator().manual_seed(seed)
    return layer


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_the_share_that_is_dropped_and_the_mean_are_as_promised(p):
    kept = dropout(p, 0)(torch.ones(200, 500))
    dropped = (kept == 0).float().mean().item()
    assert dropped == pytest.approx(p, abs=0.01)  # 100,000 draws: six standard deviations
    assert kept.mean().item() == pytest.approx(1.0, abs=0.06)
    assert kept[kept != 0].unique().tolist() == pytest.approx([1 / (1 - p)])


def test_the_four_draws_of_a_number_are_independent_of_each_other():
    kept = dropout(0.3, 0).kept((40_000, 4), torch.device("cpu")).float()
    assert kept.mean(dim=0).tolist() == pytest.approx([0.7] * 4, abs=0.012)  # five deviations
    correlations = torch.corrcoef(kept.T) - torch.eye(4)
    assert correlations.abs().max() < 0.025


def test_a_rate_near_one_still_keeps_something():
    assert dropout(1 - 1e-9, 0).kept((1000, 1000), torch.device("cpu")).any()


def test_all_positions_of_a_text_share_a_mask_and_texts_do_not():
    kept = dropout(0.5, 0)(torch.ones(4, 7, 100))
    assert torch.equal(kept, kept[:, :1].expand_as(kept))
    assert len({tuple(row) for row in kept[:, 0].tolist()}) == 4


@pytest.mark.parametrize("shape", [(3, 10), (3, 4, 10)])
def test_a_generator_repeats_its_masks_and_leaves_torchs_own_alone(shape):
    states = torch.ones(shape)
    before = torch.get_rng_state()
    assert torch.equal(dropout(0.5, 3)(states), dropout(0.5, 3)(states))
    assert not torch.equal(dropout(0.5, 3)(states), dropout(0.5, 4)(states))
    assert torch.equal(torch.get_rng_state(), before)


def test_torchs_own_generator_is_the_default():
    layer, states = SequenceDropout(0.5), torch.ones(5, 20)
    torch.manual_seed(1)
    first = layer(states)
    torch.manual_seed(1)
    assert torch.equal(layer(states), first)


@pytest.mark.parametrize("layer", [SequenceDropout(0.5).eval(), SequenceDropout(0.0).train()])
def test_outside_training_and_at_rate_zero_nothing_happens(layer):
    states = torch.randn(3, 4, 5)
    assert layer(states) is states


def test_one_generator_reaches_every_dropout_of_a_network():
    inner = nn.Sequential(SequenceDropout(0.1), nn.ReLU())
    network = nn.ModuleList([inner, SequenceDropout(0.2)])
    generator = torch.Generator()
    set_generator(network, generator)
    assert [inner[0].generator, network[1].generator] == [generator, generator]
    set_generator(network, None)
    assert network[1].generator is None


def test_the_printed_form_shows_the_rate():
    assert repr(SequenceDropout(0.25)) == "SequenceDropout(p=0.25)"


def test_word_dropout_hides_whole_words_and_leaves_the_others_as_they_are():
    layer = WordDropout(0.3)
    set_generator(layer, torch.Generator().manual_seed(0))
    words = torch.randn(5000, 3, generator=torch.Generator().manual_seed(1))
    kept = layer(words)
    hidden = (kept == 0).all(dim=1)
    assert hidden.float().mean().item() == pytest.approx(0.3, abs=0.03)
    assert torch.equal(kept[~hidden], words[~hidden])
    assert layer.eval()(words) is words
