"""Rows that a gradient reaches move as under Adam; the others do not move at all."""

from __future__ import annotations

import copy

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from roomtone.training.lazy_adam import LazyAdam, LazyAdamW, sparse_gradients, values_of

ROWS, DIM = 6, 3
EPS = 0.01  # what is nearly zero over what is nearly zero would say nothing of the code
PAIRS = [(LazyAdam, torch.optim.Adam), (LazyAdamW, torch.optim.AdamW)]
ALL = list(range(ROWS))
batches = st.lists(
    st.lists(st.integers(0, ROWS - 1), min_size=1, max_size=8), min_size=1, max_size=5
)


class Model(nn.Module):
    """Some rows and a dense parameter beside them."""

    def __init__(self) -> None:
        super().__init__()
        source = torch.Generator().manual_seed(0)
        self.words = nn.Embedding(ROWS, DIM, _weight=torch.randn(ROWS, DIM, generator=source))
        self.other = nn.Parameter(torch.randn(2, generator=source))


def learn(model: Model, optimizer, words: list[int], number: int) -> None:
    """Take a step on words with a gradient of its own; a word may come twice."""
    source = torch.Generator().manual_seed(number)
    optimizer.zero_grad()
    with sparse_gradients(model, optimizer):
        rows = model.words(torch.tensor(words, dtype=torch.int64))
    rows.backward(torch.randn(len(words), DIM, generator=source))
    model.other.grad = torch.randn(2, generator=source)
    optimizer.step()


def build(kind, *, fused: bool = True, **changes):
    model = Model()
    settings_ = {"lr": 0.1, "weight_decay": 0.2, "betas": (0.8, 0.9), "fused": fused, **changes}
    return model, kind(model.parameters(), **settings_)


@pytest.mark.parametrize(("lazy", "dense"), PAIRS)
@pytest.mark.parametrize("fused", [True, False])
def test_where_each_step_sees_every_row_it_is_adam_to_the_last_bit(lazy, dense, fused):
    ours, theirs = build(lazy, fused=fused), build(dense, fused=fused)
    for number in range(4):
        for model, optimizer in (ours, theirs):
            learn(model, optimizer, ALL, number)
    assert ours[0].words.weight.grad.is_sparse
    assert not theirs[0].words.weight.grad.is_sparse
    for found, expected in zip(ours[0].parameters(), theirs[0].parameters(), strict=True):
        assert torch.equal(found, expected)


@pytest.mark.parametrize(("lazy", "dense"), PAIRS)
def test_the_first_step_moves_the_rows_it_sees_as_adam_and_leaves_the_others(lazy, dense):
    before, seen = Model().words.weight, [1, 4]
    (found, one), (expected, other) = build(lazy), build(dense)
    learn(found, one, seen, 0)
    learn(expected, other, seen, 0)
    rest = [row for row in ALL if row not in seen]
    assert torch.equal(found.words.weight[seen], expected.words.weight[seen])
    assert torch.equal(found.words.weight[rest], before[rest])
    assert not torch.equal(expected.words.weight[rest], before[rest])  # Adam decays them
    assert torch.equal(found.other, expected.other)


def by_hand(steps: list[list[int]], *, decoupled: bool) -> torch.Tensor:
    """Compute the formulas of the papers for each row on its own, in float64."""
    rate, decay, one, two = 0.1, 0.2, 0.8, 0.9
    weight = Model().words.weight.detach().double()
    first, second = torch.zeros_like(weight), torch.zeros_like(weight)
    for number, words in enumerate(steps):
        source = torch.Generator().manual_seed(number)
        flow = torch.zeros_like(weight)
        flow.index_add_(
            0, torch.tensor(words), torch.randn(len(words), DIM, generator=source).double()
        )
        for row in set(words):
            gradient = flow[row] + (0 if decoupled else decay * weight[row])
            first[row] = one * first[row] + (1 - one) * gradient
            second[row] = two * second[row] + (1 - two) * gradient**2
            mean = first[row] / (1 - one ** (number + 1))
            spread = (second[row] / (1 - two ** (number + 1))).sqrt()
            weight[row] *= 1 - rate * decay if decoupled else 1
            weight[row] -= rate * mean / (spread + EPS)
    return weight


@pytest.mark.parametrize(("kind", "decoupled"), [(LazyAdam, False), (LazyAdamW, True)])
@settings(deadline=None, max_examples=40)
@given(steps=batches)
def test_each_row_follows_the_formula_over_the_steps_that_see_it(kind, decoupled, steps):
    model, optimizer = build(kind, eps=EPS)
    for number, words in enumerate(steps):
        learn(model, optimizer, words, number)
    expected = by_hand(steps, decoupled=decoupled)
    torch.testing.assert_close(model.words.weight.detach().double(), expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(("kind", "plain"), PAIRS)
def test_a_saved_state_goes_on_to_the_same_bits_and_fits_the_plain_optimiser(kind, plain):
    model, optimizer = build(kind)
    for number, words in enumerate([[1, 2], [2, 5, 5]]):
        learn(model, optimizer, words, number)
    twin, other = build(kind)
    twin.load_state_dict(copy.deepcopy(model.state_dict()))
    other.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    for number, words in enumerate([[0, 2], [4]]):
        learn(model, optimizer, words, number)
        learn(twin, other, words, number)
    assert torch.equal(model.words.weight, twin.words.weight)
    left, right = optimizer.state_dict(), other.state_dict()
    assert left["param_groups"] == right["param_groups"]
    assert list(left["state"]) == list(right["state"])
    for place, moments in left["state"].items():
        assert all(
            torch.equal(value, right["state"][place][name]) for name, value in moments.items()
        )
    plain(twin.parameters(), lr=0.1).load_state_dict(left)


def test_moments_are_as_large_as_the_parameter_and_hold_still_where_no_gradient_comes():
    model, optimizer = build(LazyAdam)
    learn(model, optimizer, [1], 0)
    state = optimizer.state[model.words.weight]
    assert state["exp_avg"].shape == state["exp_avg_sq"].shape == (ROWS, DIM)
    assert state["exp_avg"][[0, 2, 3, 4, 5]].count_nonzero() == 0
    before = state["exp_avg"].clone()
    learn(model, optimizer, [2], 1)
    assert torch.equal(state["exp_avg"][1], before[1])
    assert state["step"].item() == 2
    assert len(optimizer.state) == 2


def test_a_batch_without_any_word_moves_the_rest_alone():
    model, optimizer = build(LazyAdam)
    before = copy.deepcopy(model.state_dict())
    learn(model, optimizer, [], 0)
    assert torch.equal(model.words.weight, before["words.weight"])
    assert not torch.equal(model.other, before["other"])


def test_a_flag_that_holds_the_fused_optimiser_back_holds_the_rows_too():
    model, optimizer = build(LazyAdam)
    learn(model, optimizer, [1], 0)
    before = copy.deepcopy((model.state_dict(), optimizer.state_dict()["state"]))
    optimizer.found_inf = torch.ones(())
    learn(model, optimizer, [1, 2], 1)
    after = (model.state_dict(), optimizer.state_dict()["state"])
    torch.testing.assert_close(after, before, rtol=0, atol=0)


def test_a_step_that_fails_leaves_the_parameter_in_its_group():
    model, optimizer = build(LazyAdam)
    members = list(optimizer.param_groups[0]["params"])
    optimizer.param_groups[0]["betas"] = None
    with pytest.raises(TypeError):
        learn(model, optimizer, [1], 0)
    assert all(a is b for a, b in zip(members, optimizer.param_groups[0]["params"], strict=True))
    assert set(optimizer.state) <= set(members)


def test_a_closure_is_called_and_its_loss_returned():
    model, optimizer = build(LazyAdam)

    def closure():
        optimizer.zero_grad()
        loss = model.words(torch.tensor([2])).square().sum()
        loss.backward()
        return loss

    before = model.words.weight.detach().clone()
    with sparse_gradients(model, optimizer):
        loss = optimizer.step(closure)
    assert loss.item() == pytest.approx(before[2].square().sum().item())
    assert (model.words.weight != before).any(dim=1).tolist() == [row == 2 for row in ALL]


def test_gradients_are_sparse_only_meanwhile_and_only_for_a_lazy_optimiser():
    model, lazy = build(LazyAdam)
    with sparse_gradients(model, lazy):
        assert model.words.sparse
    assert not model.words.sparse
    with sparse_gradients(model, build(torch.optim.Adam)[1]):
        assert not model.words.sparse


def test_the_values_of_a_gradient_are_the_gradient_itself():
    words = nn.Embedding(ROWS, DIM, sparse=True)
    words(torch.tensor([4, 4])).sum().backward()
    assert values_of(words.weight).tolist() == [[2.0] * DIM]
    values_of(words.weight).mul_(0.5)
    assert words.weight.grad.to_dense()[4].tolist() == [1.0] * DIM
