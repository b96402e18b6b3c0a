from __future__ import annotations

import os

import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from roomtone.nets import kernels, recurrent
from roomtone.nets.kernels.library import SWITCH
from roomtone.nets.recurrent import MaskedBiLSTM
from roomtone.nets.words import each_position

SIZE, HIDDEN = 5, 4
# "off" is PyTorch's own LSTM; where there is no compiler both are.
PATHS = pytest.mark.parametrize("path", ["on", "off"], indirect=True)
SIZES = st.sampled_from([1, 4, 8, 16, 20, 33])


@pytest.fixture
def path(request, monkeypatch):
    monkeypatch.setenv(SWITCH, request.param)


def torchs(ours: MaskedBiLSTM) -> nn.LSTM:
    """Torch's own stacked bidirectional LSTM with the weights of ours."""
    first = ours.ahead[0]
    layers = len(ours.ahead)
    theirs = nn.LSTM(
        first.input_size, first.hidden_size, layers, batch_first=True, bidirectional=True
    )
    theirs.load_state_dict(
        {
            f"{name[:-1]}{layer}{suffix}": value
            for layer in range(layers)
            for suffix, stack in (("", ours.ahead), ("_reverse", ours.back))
            for name, value in stack[layer].state_dict().items()
        }
    )
    return theirs


def packed_states(theirs: nn.LSTM, embedded: Tensor, lengths: Tensor) -> Tensor:
    packed = pack_padded_sequence(embedded, lengths, batch_first=True, enforce_sorted=False)
    width = embedded.shape[1]
    return pad_packed_sequence(theirs(packed)[0], batch_first=True, total_length=width)[0]


def mask_of(lengths: Tensor, width: int) -> Tensor:
    return (torch.arange(width) < lengths[:, None])[..., None]


@given(
    layers=st.integers(1, 3),
    hidden=SIZES,
    lengths=st.lists(st.integers(1, 10), min_size=1, max_size=70),
    extra=st.integers(0, 4),
    distinct=st.integers(1, 40),
    switch=st.sampled_from(["on", "off"]),
    seed=st.integers(0, 99),
)
@example(2, 128, [9] * 31 + [1], 0, 40, "on", 1)
def test_states_and_gradients_equal_those_of_torchs_packed_lstm(
    layers, hidden, lengths, extra, distinct, switch, seed
):
    torch.manual_seed(seed)
    sizes, width = torch.tensor(lengths), max(lengths) + extra
    mask = mask_of(sizes, width)
    ours = MaskedBiLSTM(SIZE, hidden, layers, dropout=0.0)
    theirs = torchs(ours)
    rows = torch.randn(distinct, SIZE, requires_grad=True)
    places = torch.randint(0, distinct, (len(lengths), width))
    upstream = torch.randn(len(lengths), width, 2 * hidden) * mask

    expected = packed_states(theirs, rows[places], sizes) * mask
    wanted = torch.autograd.grad(expected, [rows, *theirs.parameters()], upstream)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SWITCH, switch)
        found = ours(rows, places, sizes) * mask
        # Torch's order: layer by layer, the direction ahead before the one back.
        stacks = zip(ours.ahead, ours.back, strict=True)
        parameters = [p for pair in stacks for lstm in pair for p in lstm.parameters()]
        got = torch.autograd.grad(found, [rows, *parameters], upstream)

    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5)
    for ours_, theirs_ in zip(got, wanted, strict=True):
        scale = theirs_.abs().max().item()
        torch.testing.assert_close(ours_, theirs_, rtol=1e-5, atol=1e-5 * max(scale, 1.0))


@PATHS
@pytest.mark.usefixtures("path")
def test_dropout_follows_every_layer_and_only_in_training():
    layer = MaskedBiLSTM(SIZE, 50, 1, dropout=0.5)
    rows, places = torch.randn(18, SIZE), torch.arange(18).view(3, 6)
    lengths = torch.tensor([6, 6, 6])
    assert layer.eval()(rows, places, lengths).count_nonzero() == 3 * 6 * 100
    dropped = layer.train()(rows, places, lengths) == 0
    assert 0.3 < dropped.float().mean() < 0.7
    assert torch.equal(dropped, dropped[:, :1].expand_as(dropped))


@PATHS
@pytest.mark.usefixtures("path")
@pytest.mark.parametrize("layers", [1, 2])
def test_the_output_is_as_wide_as_it_says(layers):
    layer = MaskedBiLSTM(SIZE, HIDDEN, layers, dropout=0.0)
    assert layer.output_size == 2 * HIDDEN
    states = layer(torch.zeros(1, SIZE), torch.zeros(2, 3, dtype=torch.long), torch.tensor([3, 1]))
    assert states.shape == (2, 3, 2 * HIDDEN)


@PATHS
@pytest.mark.usefixtures("path")
def test_inputs_of_all_positions_can_be_given_instead_of_distinct_ones():
    layer = MaskedBiLSTM(SIZE, HIDDEN, 2, dropout=0.0)
    rows, places, lengths = (
        torch.randn(4, SIZE),
        torch.tensor([[0, 1], [3, 0]]),
        torch.tensor([2, 1]),
    )
    mask = mask_of(lengths, 2)
    found, expected = (
        layer(rows[places].flatten(0, 1), each_position(places), lengths),
        layer(rows, places, lengths),
    )
    torch.testing.assert_close(found * mask, expected * mask)


@PATHS
@pytest.mark.usefixtures("path")
@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
def test_states_are_the_same_without_gradients(mode):
    layer = MaskedBiLSTM(SIZE, HIDDEN, 2, dropout=0.5).eval()
    rows, places, lengths = torch.randn(6, SIZE), torch.arange(6).view(2, 3), torch.tensor([3, 2])
    trained = layer(rows, places, lengths)
    with mode():
        states = layer(rows, places, lengths)
    assert not states.requires_grad
    # PyTorch itself takes other code on some processors.
    bits = {"atol": 0.0} if kernels.available() else {"atol": 1e-6}
    torch.testing.assert_close(states[0], trained[0], rtol=0, **bits)
    torch.testing.assert_close(states[1, :2], trained[1, :2], rtol=0, **bits)


@PATHS
@pytest.mark.usefixtures("path")
def test_frozen_parameters_and_inputs_get_no_gradient():
    layer = MaskedBiLSTM(SIZE, HIDDEN, 2, dropout=0.0)
    for parameter in layer.ahead[0].parameters():
        parameter.requires_grad_(False)
    rows = torch.randn(6, SIZE)
    layer(rows, torch.arange(6).view(2, 3), torch.tensor([3, 2])).sum().backward()
    assert rows.grad is None
    frozen = set(layer.ahead[0].parameters())
    assert all((p.grad is None) == (p in frozen) for p in layer.parameters())


@PATHS
@pytest.mark.usefixtures("path")
def test_half_precision_agrees_loosely_and_keeps_gradients_in_full():
    torch.manual_seed(0)
    layer = MaskedBiLSTM(SIZE, 20, 2, dropout=0.0)
    rows = torch.randn(9, SIZE, requires_grad=True)
    places, lengths = torch.randint(0, 9, (4, 7)), torch.tensor([7, 1, 5, 6])
    mask = mask_of(lengths, 7)
    full = layer(rows, places, lengths) * mask
    with torch.autocast("cpu", torch.bfloat16):
        half = layer(rows, places, lengths)
    assert half.dtype == torch.bfloat16
    half = half.float() * mask
    torch.testing.assert_close(half, full, rtol=0.05, atol=0.02)
    upstream = torch.randn_like(full)
    inputs = [rows, *layer.parameters()]
    expected = torch.autograd.grad(full, inputs, upstream)
    for found, wanted in zip(torch.autograd.grad(half, inputs, upstream), expected, strict=True):
        assert found.dtype == torch.float32
        assert (found - wanted).norm() < 0.03 * wanted.norm()


@pytest.mark.parametrize("path", ["off"], indirect=True)
@pytest.mark.usefixtures("path")
def test_where_the_processor_has_no_half_precision_the_recurrence_is_in_full(monkeypatch):
    monkeypatch.setattr(recurrent, "_can_be_halved", lambda: False)
    layer = MaskedBiLSTM(SIZE, HIDDEN, 1, dropout=0.0)
    rows, places, lengths = torch.randn(6, SIZE), torch.arange(6).view(2, 3), torch.tensor([3, 3])
    full = layer(rows, places, lengths)
    with torch.autocast("cpu", torch.bfloat16):
        half = layer(rows, places, lengths)
        half.sum().backward()
    assert torch.equal(half, full.bfloat16())
    assert all(parameter.grad.dtype == torch.float32 for parameter in layer.parameters())


@PATHS
@pytest.mark.usefixtures("path")
def test_double_precision_is_computed_in_double_precision():
    layer = MaskedBiLSTM(3, 2, 2, dropout=0.0).double()
    rows = torch.randn(4, 3, dtype=torch.float64, requires_grad=True)
    places, lengths = torch.tensor([[0, 1, 2], [3, 3, 0]]), torch.tensor([3, 2])
    mask = mask_of(lengths, 3)
    assert torch.autograd.gradcheck(lambda rows: layer(rows, places, lengths) * mask, [rows])


@PATHS
@pytest.mark.usefixtures("path")
def test_a_graph_that_is_traced_holds_plain_operators():
    layer = MaskedBiLSTM(SIZE, HIDDEN, 2, dropout=0.0).eval()
    example = (torch.randn(6, SIZE), torch.arange(6).view(2, 3), torch.tensor([3, 2]))
    program = torch.export.export(layer, example)
    assert "aten.lstm" in program.graph_module.code
    torch.testing.assert_close(program.module()(*example)[0], layer(*example)[0])


def test_parameters_have_the_names_and_shapes_of_old_checkpoints():
    shapes = {k: tuple(v.shape) for k, v in MaskedBiLSTM(5, 4, 2, 0.0).state_dict().items()}
    assert shapes == {
        f"{side}.{layer}.{name}": (16, *rest)
        for side in ("ahead", "back")
        for layer, size in enumerate((5, 8))
        for name, rest in (
            ("weight_ih_l0", (size,)),
            ("weight_hh_l0", (4,)),
            ("bias_ih_l0", ()),
            ("bias_hh_l0", ()),
        )
    }


@pytest.mark.skipif(not kernels.available(), reason=kernels.describe())
def test_the_compiled_path_is_the_one_taken(monkeypatch):
    assert os.environ.get(SWITCH) != "off"
    layer = MaskedBiLSTM(SIZE, HIDDEN, 1, dropout=0.0)
    monkeypatch.setattr(layer, "_run_torch", None)
    layer(torch.randn(2, SIZE), torch.tensor([[0, 1]]), torch.tensor([2])).sum().backward()
