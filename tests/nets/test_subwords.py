"""Subwords and extra words: zero at first, alike among relatives, trained or not as due."""

import numpy as np
import pytest
import torch

from roomtone.config.model import ModelConfig, SubwordsConfig
from roomtone.nets import HybridNetwork, initialise, load_vectors
from roomtone.nets.subwords import Subwords

TOKENS = ["<pad>", "<unk>", "<empty>", "love", "loves", "tax", "lovely", "zebra"]
LEARNED, EXTRA = 6, 2
IDS = torch.tensor([[3, 5, 6], [7, 4, 0]])
LENGTHS = torch.tensor([3, 2])


@pytest.fixture
def network(config: ModelConfig) -> HybridNetwork:
    config = config.model_copy(update={"subwords": SubwordsConfig(buckets=500)})
    network = HybridNetwork(config, LEARNED, EXTRA)
    initialise(network, torch.Generator().manual_seed(3))
    matrix = np.arange(len(TOKENS) * 6, dtype=np.float32).reshape(-1, 6) / 50
    load_vectors(network, matrix, np.array([0, 0, 0, 1, 1, 1, 1, 1], dtype=bool))
    network.subwords.spell(TOKENS, special=3)
    return network.eval()


def trained(network: HybridNetwork) -> HybridNetwork:
    with torch.no_grad():
        network.subwords.weight[:-1].normal_(generator=torch.Generator().manual_seed(4))
    return network


def test_before_training_subwords_add_nothing_and_extra_words_have_their_vectors(network):
    vectors = network.vectors(torch.arange(len(TOKENS)))
    assert torch.equal(vectors[:LEARNED], network.embedding.weight)
    expected = torch.arange(36, 48).view(2, 6) / 50
    assert torch.allclose(vectors[LEARNED:], expected, atol=1e-3)


def test_a_word_is_the_mean_of_its_runs_and_special_tokens_have_none(network):
    subwords = trained(network).subwords
    added = subwords(torch.arange(len(TOKENS)))
    assert (added[:3] == 0).all()
    runs = subwords.runs[3]
    runs = runs[runs < 500].long()
    assert len(runs) == 4 + 3 + 2  # "<love>" in threes, fours and fives
    assert torch.allclose(added[3], subwords.weight[runs].mean(dim=0), atol=1e-6)


def test_relatives_end_up_nearer_than_strangers(network):
    added = trained(network).subwords(torch.tensor([3, 4, 6, 5]))
    near = torch.cosine_similarity(added[0:1], added)
    assert near[1] > 0.3 > abs(near[3])
    assert near[2] > 0.3


def test_sparse_and_dense_gradients_agree(network):
    words = torch.tensor([3, 4, 0, 6])
    gradients = []
    for sparse in (False, True):
        network.subwords.sparse = sparse
        network.zero_grad(set_to_none=True)
        network.subwords(words).square().sum().backward()
        (network.subwords(words) * torch.arange(24.0).view(4, 6)).sum().backward()
        gradients.append(network.subwords.weight.grad)
    assert gradients[1].is_sparse
    assert torch.allclose(gradients[0], gradients[1].to_dense(), atol=1e-6)
    assert (gradients[0][-1] == 0).all()


def test_extra_words_pull_on_no_word_vector(network):
    network.zero_grad(set_to_none=True)
    network(IDS, LENGTHS).logits.square().sum().backward()
    gradient = network.embedding.weight.grad
    assert gradient[[3, 4, 5]].abs().sum(dim=1).min() > 0
    assert (gradient[:3] == 0).all()


def test_a_text_scores_the_same_alone_and_further_padded(network):
    together = trained(network)(IDS, LENGTHS).logits
    wide = torch.nn.functional.pad(IDS[1:], (0, 4))
    assert torch.allclose(together[1], network(wide, LENGTHS[1:]).logits[0], atol=1e-5)


def test_the_state_carries_all_that_the_words_need(network, config):
    config = config.model_copy(update={"subwords": SubwordsConfig(buckets=500)})
    twin = HybridNetwork(config, LEARNED, EXTRA).eval()
    twin.load_state_dict(trained(network).state_dict())
    assert torch.equal(twin(IDS, LENGTHS).logits, network(IDS, LENGTHS).logits)


def test_without_buckets_and_extra_words_there_are_no_such_parts(config):
    network = HybridNetwork(config, 20)
    assert network.extra is None
    assert network.subwords is None
    assert not {"extra.vectors", "subwords.weight"} & network.state_dict().keys()


def test_long_words_are_cut_to_the_room_there_is():
    subwords = Subwords(SubwordsConfig(buckets=50), 1, 4)
    subwords.spell(["antidisestablishmentarianism"], special=0)
    assert (subwords.runs < 50).all()
