from __future__ import annotations

import torch
from usual import UsualNetwork, collate, usual_loader, usual_loop

from roomtone.config import Config
from roomtone.data.dataset import SentimentDataset
from roomtone.nets import HybridNetwork
from roomtone.text import Vocabulary

TEXTS = ["so good", "bad", "a day at the sea", "so bad"] * 8
LABELS = [2, 0, 1, 0] * 8


def _data() -> SentimentDataset:
    return SentimentDataset(TEXTS, LABELS, Vocabulary(min_freq=1).build_from_texts(TEXTS))


def test_it_has_the_sizes_of_the_guides_network() -> None:
    model = Config().model
    usual, ours = UsualNetwork(model, 100, packed=True), HybridNetwork(model, 100)
    # Ours has an attention pooling and a layer norm besides, and the like biases.
    counts = [sum(p.numel() for p in network.parameters()) for network in (usual, ours)]
    assert abs(counts[0] / counts[1] - 1) < 0.03
    for name in ("embedding", "classifier"):
        shapes = [[p.shape for p in getattr(n, name).parameters()] for n in (usual, ours)]
        assert shapes[0] == shapes[1]


def test_the_other_texts_of_a_batch_do_not_change_the_packed_networks_states() -> None:
    torch.manual_seed(0)
    network = UsualNetwork(Config().model, 50, packed=True).eval()
    short, long = (torch.arange(1, 4), 0), (torch.arange(1, 10), 1)
    ids, lengths, _ = collate([short])
    alone = network._states(network.embedding(ids), lengths)
    ids, lengths, _ = collate([short, long])
    beside = network._states(network.embedding(ids), lengths)
    torch.testing.assert_close(alone[0], beside[0, :3])


def test_padding_to_one_length_gives_every_batch_that_width() -> None:
    for ids, lengths, _ in usual_loader(_data(), 8, pad_to=20, seed=1):
        assert ids.shape == (8, 20)
        assert torch.equal((ids != 0).sum(dim=1), lengths)


def test_it_learns_what_can_be_learnt() -> None:
    config, data = Config(), _data()
    loop = usual_loop(config, len(data.vocab), packed=True, seed=1)
    epochs = [loop.epoch(usual_loader(data, 8, seed=1)) for _ in range(8)]
    assert all(epoch.texts == len(TEXTS) for epoch in epochs)
    assert epochs[-1].loss < epochs[0].loss / 2
    assert loop.macro_f1(usual_loader(data, 8)) > 0.9
