from __future__ import annotations

import pytest
from usual import UsualNetwork, collate
from work import epoch_work, per_unit

from roomtone.config.model import ModelConfig
from roomtone.data.batches import BatchLoader
from roomtone.data.dataset import SentimentDataset
from roomtone.text import Vocabulary


def test_the_count_agrees_with_the_operations_that_torch_counts() -> None:
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    # Filters of width 1, so that the convolution does nothing on padding, and no LSTM, which
    # torch's counter does not know: its part is counted by hand below.
    model = ModelConfig.model_validate({"embedding_dim": 12, "cnn": {"filter_sizes": [1]}})
    network = UsualNetwork(model, 10, packed=False)
    width, hidden = 6, model.bilstm.hidden_size
    texts = [(torch.arange(1, width + 1), 0)]
    ids, lengths, _ = collate(texts)
    network._states = lambda embedded, _: torch.zeros(1, width, 2 * hidden)  # type: ignore
    with FlopCounterMode(display=False) as counter:
        network(ids, lengths)
    words, states, pairs, heads = per_unit(model)
    gates = 8 * hidden
    lstm = width * gates * (model.embedding_dim + hidden) + width * gates * (2 * hidden + hidden)
    ours = width * (words + states) + width**2 * pairs + heads
    assert 2 * (ours - lstm) == pytest.approx(counter.get_total_flops(), rel=1e-6)


def test_words_that_recur_in_a_batch_are_counted_once_in_the_shared_count() -> None:
    model = ModelConfig()
    texts = ["good day", "good good day"]
    vocabulary = Vocabulary(min_freq=1).build_from_texts(texts)
    data = SentimentDataset(texts, [0, 1], vocabulary)
    together = epoch_work(model, BatchLoader(data, 2))
    assert (together.tokens, together.distinct, together.texts) == (5, 2, 2)
    assert together.padding == pytest.approx(1 / 6)
    alone = epoch_work(model, BatchLoader(data, 1))
    assert alone.distinct == 4
    assert alone.usual == together.usual
    words, *_ = per_unit(model)
    assert alone.shared - together.shared == pytest.approx(6 * 2 * words)
