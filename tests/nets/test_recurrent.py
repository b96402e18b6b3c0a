from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from roomtone.nets.recurrent import MaskedBiLSTM

SIZE, HIDDEN = 5, 4


def pair(layers: int) -> tuple[MaskedBiLSTM, nn.LSTM]:
    """Our layer and torch's own, with the same weights."""
    torch.manual_seed(layers)
    ours = MaskedBiLSTM(SIZE, HIDDEN, layers, dropout=0.5).eval()
    theirs = nn.LSTM(SIZE, HIDDEN, layers, batch_first=True, bidirectional=True)
    weights = {}
    for layer in range(layers):
        for suffix, stack in (("", ours.ahead), ("_reverse", ours.back)):
            for name, value in stack[layer].state_dict().items():
                weights[f"{name[:-1]}{layer}{suffix}"] = value
    theirs.load_state_dict(weights)
    return ours, theirs


PAIRS = {layers: pair(layers) for layers in (1, 2, 3)}


@given(
    layers=st.sampled_from(sorted(PAIRS)),
    lengths=st.lists(st.integers(1, 10), min_size=1, max_size=5),
    extra=st.integers(0, 4),
    seed=st.integers(0, 99),
)
def test_states_equal_those_of_torchs_packed_bidirectional_lstm(layers, lengths, extra, seed):
    ours, theirs = PAIRS[layers]
    sizes, width = torch.tensor(lengths), max(lengths) + extra
    embedded = torch.randn(len(lengths), width, SIZE, generator=torch.Generator().manual_seed(seed))
    packed = pack_padded_sequence(embedded, sizes, batch_first=True, enforce_sorted=False)
    with torch.no_grad():
        expected, _ = pad_packed_sequence(theirs(packed)[0], batch_first=True, total_length=width)
        found = ours(embedded, sizes)
    for row, length in enumerate(lengths):
        torch.testing.assert_close(found[row, :length], expected[row, :length])


def test_dropout_follows_every_layer_and_only_in_training():
    layer = MaskedBiLSTM(SIZE, 50, 1, dropout=0.5)
    embedded = torch.randn(3, 6, SIZE)
    lengths = torch.tensor([6, 6, 6])
    assert layer.eval()(embedded, lengths).count_nonzero() == 3 * 6 * 100
    dropped = layer.train()(embedded, lengths) == 0
    assert 0.3 < dropped.float().mean() < 0.7
    assert torch.equal(dropped, dropped[:, :1].expand_as(dropped))


@pytest.mark.parametrize("layers", [1, 2])
def test_the_output_is_as_wide_as_it_says(layers):
    layer = MaskedBiLSTM(SIZE, HIDDEN, layers, dropout=0.0)
    assert layer.output_size == 2 * HIDDEN
    assert layer(torch.zeros(2, 3, SIZE), torch.tensor([3, 1])).shape == (2, 3, 2 * HIDDEN)
