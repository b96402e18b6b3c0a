"""Weights in bfloat16 stand in for those in float32 during a step, and change nothing else."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from roomtone.config.training import TrainingConfig
from roomtone.nets import kernels
from roomtone.training.half_weights import HalfWeights, parameter_groups
from roomtone.training.lazy_adam import LazyAdam, LazyAdamW
from roomtone.training.optimisation import ParameterGroups

BF16 = TrainingConfig(precision="bf16", learning_rate=0.1)
pytestmark = pytest.mark.skipif(not kernels.available(), reason=kernels.describe())


class Model(nn.Module):
    """A table of words, a layer that is halved, and one that is not."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(6, 8, sparse=True)
        self.layer = nn.Linear(8, 4)
        self.norm = nn.LayerNorm(4)
        source = torch.Generator().manual_seed(0)
        for parameter in self.parameters():
            nn.init.normal_(parameter, generator=source)

    def forward(self, words):
        return self.norm(self.layer(self.words(words)))


def learn(model, groups, words=(1, 3, 3)):
    """Take a step; return the gradient's norm before it was clipped."""
    model.zero_grad()
    with torch.autocast("cpu", dtype=torch.bfloat16), groups.standing_in():
        out = model(torch.tensor(words))
    (out.float() * torch.linspace(-1, 1, 4)).sum().backward()
    norm = groups.clip(1.0)
    groups.step()
    return norm.item()


def build(kind=LazyAdam, config=BF16, **changes):
    model = Model()
    optimizer = kind(model.parameters(), lr=0.1, weight_decay=0.2, fused=True, **changes)
    return model, optimizer, parameter_groups(optimizer, config, model)


@pytest.mark.parametrize("kind", [LazyAdam, LazyAdamW])
def test_a_training_goes_where_it_goes_without_them(kind):
    model, _, halved = build(kind)
    twin, other, _ = build(kind)
    whole = ParameterGroups(other, 0.1)
    for words in [(1, 3, 3), (2,), (1, 1, 5)]:
        assert learn(model, halved, words) == pytest.approx(learn(twin, whole, words), rel=0.02)
    for found, expected in zip(model.parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(found, expected, rtol=0.01, atol=0.01)
    assert torch.equal(model.words.weight[[0, 4]], Model().words.weight[[0, 4]])


def test_between_steps_the_network_holds_its_own_parameters_in_float32():
    model, optimizer, groups = build()
    before = list(model.parameters())
    learn(model, groups)
    assert all(a is b for a, b in zip(before, model.parameters(), strict=True))
    assert {p.dtype for p in model.parameters()} == {torch.float32}
    moments = [v for known in optimizer.state.values() for v in known.values()]
    assert {moment.dtype for moment in moments} == {torch.float32}


def test_within_a_step_layers_compute_in_bfloat16_from_the_present_values():
    model, _, groups = build()
    learn(model, groups)
    expected = model.layer.weight.bfloat16()
    with groups.standing_in():
        kinds = {name: p.dtype for name, p in model.named_parameters()}
        assert torch.equal(model.layer.weight, expected)
    halves = [name for name, dtype in kinds.items() if dtype == torch.bfloat16]
    assert halves == ["layer.weight", "layer.bias"]


def test_parameters_come_back_when_a_forward_pass_fails():
    model, _, groups = build()
    with pytest.raises(IndexError):
        learn(model, groups, words=(99,))
    assert model.layer.weight.dtype == torch.float32
    assert learn(model, groups) == learn(*build()[::2])


def test_what_others_write_to_the_parameters_is_seen():
    model, _, groups = build()
    learn(model, groups)
    with torch.no_grad():
        model.layer.weight.zero_()
    with groups.standing_in():
        assert not model.layer.weight.any()


def test_two_trainings_of_one_network_see_each_others_steps():
    model, _, first = build()
    optimizer = LazyAdam(model.parameters(), lr=0.1, fused=True)
    second = parameter_groups(optimizer, BF16, model)
    for groups in (first, second, first):
        learn(model, groups)
        for other in (first, second):
            with other.standing_in():
                seen = model.layer.weight.detach().clone()
            assert torch.equal(seen, model.layer.weight.bfloat16())


def test_a_state_that_is_loaded_is_gone_on_with():
    model, optimizer, groups = build()
    learn(model, groups)
    weights, state = copy.deepcopy((model.state_dict(), optimizer.state_dict()))
    learn(model, groups)
    after = [parameter.detach().clone() for parameter in model.parameters()]
    for resumed, other, theirs in ((model, optimizer, groups), build()):
        resumed.load_state_dict(weights)
        other.load_state_dict(copy.deepcopy(state))  # it would be moved in place
        learn(resumed, theirs)
        for found, expected in zip(resumed.parameters(), after, strict=True):
            assert torch.equal(found, expected)


def test_what_is_frozen_stays():
    model, _, groups = build()
    model.layer.weight.requires_grad_(False)
    before = model.layer.weight.clone()
    learn(model, groups)
    assert torch.equal(model.layer.weight, before)
    assert not torch.equal(model.layer.bias, Model().layer.bias)
    model.layer.weight.requires_grad_(True)
    learn(model, groups)
    assert not torch.equal(model.layer.weight, before)


@pytest.mark.parametrize(
    ("kind", "config", "changes"),
    [
        (LazyAdam, TrainingConfig(precision="fp32"), {}),
        (torch.optim.Adam, BF16, {"amsgrad": True}),
        (torch.optim.Adam, BF16, {"maximize": True}),
        (type("Own", (torch.optim.Adam,), {}), BF16, {}),
    ],
)
def test_other_trainings_are_left_as_they_are(kind, config, changes):
    assert type(build(kind, config, **changes)[2]) is ParameterGroups


@pytest.mark.parametrize("kind", [torch.optim.Adam, torch.optim.AdamW, LazyAdam, LazyAdamW])
def test_trainings_in_bfloat16_take_them(kind):
    assert type(build(kind)[2]) is HalfWeights


def test_without_compiled_code_there_are_none(monkeypatch):
    monkeypatch.setenv("ROOMTONE_KERNELS", "off")
    assert type(build()[2]) is ParameterGroups


def test_a_training_in_bfloat16_takes_them_and_saves_float32(make_trainer, settings):
    trainer = make_trainer(settings(training__precision="bf16"), None)
    if trainer.device.type != "cpu":
        pytest.skip("a GPU's steps are not for the host to take")
    assert type(trainer._groups) is HalfWeights
    trainer.train()
    state = trainer.state()
    moments = [
        m for known in state["optimizer_state_dict"]["state"].values() for m in known.values()
    ]
    assert {t.dtype for t in (*state["model_state_dict"].values(), *moments)} == {torch.float32}
