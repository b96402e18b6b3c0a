"""Adam in compiled code moves as PyTorch's does, and keeps copies in bfloat16 up."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from roomtone.nets import kernels
from roomtone.nets.kernels import Adam, Moving

pytestmark = pytest.mark.skipif(not kernels.available(), reason=kernels.describe())

SETTINGS = {
    "lr": 0.01,
    "betas": (0.8, 0.95),
    "eps": 0.01,  # what is nearly zero over what is nearly zero would say nothing of the code
    "weight_decay": 0.1,
    "decoupled_weight_decay": False,
}
SHAPES = [(70, 131), (9000,), (1,), (3, 5, 7), (2, 9001)]
SHAPE_LISTS = st.lists(
    st.lists(st.integers(1, 12), min_size=1, max_size=3).map(tuple), min_size=1, max_size=5
)


def draw(shape, source, dtype=torch.float32) -> Tensor:
    return torch.randn(shape, generator=source).to(dtype)


def moving(values: Tensor, *, copied: bool = True) -> Moving:
    """Let Adam begin with a parameter, its copy being wrong until it is moved."""
    copy = torch.zeros_like(values, dtype=torch.bfloat16) if copied else None
    zeros = [torch.zeros_like(values) for _ in range(2)]
    return Moving(values, *zeros, steps=torch.zeros(()), copy=copy, group=0)


def run(shapes, *, steps=3, scale=0.5, dtype=torch.bfloat16, **changes) -> list[Moving]:
    source = torch.Generator().manual_seed(len(shapes))
    parts = [moving(draw(shape, source), copied=at % 2 == 0) for at, shape in enumerate(shapes)]
    adam = Adam(parts, 1)
    for _ in range(steps):
        adam.take([draw(shape, source, dtype) for shape in shapes])
        adam.move([SETTINGS | changes], scale)
    return parts


@pytest.mark.parametrize("decoupled", [False, True])
@given(shapes=SHAPE_LISTS, dtype=st.sampled_from([torch.float32, torch.bfloat16]))
def test_it_moves_as_the_one_of_pytorch_does(shapes, dtype, decoupled):
    parts = run(shapes, dtype=dtype, decoupled_weight_decay=decoupled)
    source = torch.Generator().manual_seed(len(shapes))
    theirs = [torch.nn.Parameter(draw(shape, source)) for shape in shapes]
    kind = torch.optim.AdamW if decoupled else torch.optim.Adam
    settings = {name: SETTINGS[name] for name in ("lr", "betas", "eps", "weight_decay")}
    optimizer = kind(theirs, **settings)
    for _ in range(3):
        for parameter in theirs:
            parameter.grad = draw(parameter.shape, source, dtype).float() * 0.5
        optimizer.step()
    for part, expected in zip(parts, theirs, strict=True):
        known = optimizer.state[expected]
        torch.testing.assert_close(part.values, expected.detach(), rtol=1e-5, atol=1e-6)
        torch.testing.assert_close(part.first, known["exp_avg"], rtol=1e-5, atol=1e-6)
        torch.testing.assert_close(part.second, known["exp_avg_sq"], rtol=1e-5, atol=1e-6)
        assert part.steps == known["step"] == 3


def test_copies_are_what_pytorch_rounds_to():
    for part in run(SHAPES)[::2]:
        assert torch.equal(part.copy, part.values.bfloat16())


def test_gradients_in_bfloat16_do_what_the_same_numbers_in_float32_do():
    source = torch.Generator().manual_seed(1)
    values, gradient = draw((40, 300), source), draw((40, 300), source, torch.bfloat16)
    results = []
    for given_ in (gradient, gradient.float(), gradient.t().contiguous().t()):
        part = moving(values.clone())
        adam = Adam([part], 1)
        norm = adam.take([given_])
        adam.move([SETTINGS], 1.0)
        results.append((norm, part.values))
    for norm, moved in results[1:]:
        assert norm == results[0][0]
        assert torch.equal(moved, results[0][1])


def test_results_do_not_depend_on_threads():
    before, results = torch.get_num_threads(), []
    try:
        for threads in (1, 2, 3):
            torch.set_num_threads(threads)
            results.append([part.values for part in run(SHAPES)])
    finally:
        torch.set_num_threads(before)
    for other in results[1:]:
        assert all(torch.equal(*pair) for pair in zip(results[0], other, strict=True))


@given(st.sets(st.integers(0, 69)))
def test_of_a_sparse_gradient_only_its_rows_move_and_they_as_in_a_dense_one(rows):
    source = torch.Generator().manual_seed(3)
    values, index = draw((70, 30), source), torch.tensor(sorted(rows), dtype=torch.int64)
    gradient = draw((len(rows), 30), source)
    lazy, whole = moving(values.clone()), moving(values.clone())
    sparse = torch.sparse_coo_tensor(
        index[None], gradient, (70, 30), is_coalesced=True, check_invariants=True
    )
    adam = Adam([lazy, whole], 1)
    norm = adam.take([sparse, torch.zeros(70, 30).index_copy(0, index, gradient)])
    assert norm == pytest.approx(gradient.double().norm().item() * 2**0.5)
    adam.move([SETTINGS], 1.0)
    rest = [row for row in range(70) if row not in rows]
    assert torch.equal(lazy.values[index], whole.values[index])
    assert torch.equal(lazy.copy[index], whole.copy[index])
    assert torch.equal(lazy.values[rest], values[rest])
    assert not lazy.first[rest].any()
    assert lazy.steps == 1


def test_what_has_no_gradient_stays_and_counts_no_step():
    parts = [moving(torch.ones(4)), moving(torch.ones(4))]
    adam = Adam(parts, 1)
    assert adam.take([None, torch.full((4,), 3.0)]) == pytest.approx(6.0)
    adam.move([SETTINGS], 1.0)
    assert parts[0].values.eq(1).all()
    assert [part.steps.item() for part in parts] == [0, 1]


def test_gradients_move_once():
    part = moving(torch.ones(4))
    adam = Adam([part], 1)
    adam.take([torch.ones(4)])
    adam.move([SETTINGS], 1.0)
    moved = part.values.clone()
    adam.move([SETTINGS], 1.0)
    assert torch.equal(part.values, moved)


@pytest.mark.parametrize("bad", [torch.nan, torch.inf])
@pytest.mark.parametrize("place", [0, 70, 8999])
def test_the_norm_tells_of_what_is_not_finite(bad, place):
    gradient = torch.ones(9000, dtype=torch.bfloat16)
    gradient[place] = bad
    assert not torch.tensor(Adam([moving(torch.ones(9000))], 1).take([gradient])).isfinite()


@pytest.mark.parametrize("gradient", [torch.ones(5), torch.ones(4, dtype=torch.float64)])
def test_gradients_of_another_kind_are_refused(gradient):
    with pytest.raises(ValueError, match="a gradient is"):
        Adam([moving(torch.ones(4))], 1).take([gradient])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("values", torch.ones(4, dtype=torch.float64)),
        ("first", torch.ones(5)),
        ("second", torch.ones(8)[::2]),
        ("copy", torch.ones(4)),
        ("steps", torch.zeros((), dtype=torch.int64)),
    ],
)
def test_parameters_of_another_kind_are_refused(name, value):
    known = {key: getattr(moving(torch.ones(4)), key) for key in Moving.__dataclass_fields__}
    with pytest.raises(ValueError, match=name):
        Adam([Moving(**known | {name: value})], 1)
