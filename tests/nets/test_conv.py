from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from roomtone.nets.conv import MaskedCNN
from roomtone.nets.masking import padding_mask
from roomtone.nets.words import each_position

DIM, FILTERS, WORDS = 3, 4, 6
lengths_of_texts = st.lists(st.integers(1, 9), min_size=1, max_size=4)
filter_sizes = st.lists(st.integers(1, 7), min_size=1, max_size=4)


def texts(lengths: list[int], extra: int, seed: int) -> tuple[Tensor, Tensor, Tensor]:
    """Draw word vectors, the first of padding, the place of each word, and the lengths."""
    generator = torch.Generator().manual_seed(seed)
    counts, width = torch.tensor(lengths), max(lengths) + extra
    rows = torch.randn(WORDS, DIM, generator=generator)
    rows[0] = 0
    places = torch.randint(1, WORDS, (len(lengths), width), generator=generator)
    return rows, places * padding_mask(counts, width), counts


def naive(cnn: MaskedCNN, text: Tensor) -> Tensor:
    """Slide each filter over one text, `[length, features]`, by hand."""
    length, features = text.shape
    pooled = []
    for conv in cnn.convs:
        size = conv.kernel_size[0]
        around = torch.zeros(size, features)
        lined = torch.cat([around, text, around])
        responses = []
        for place in range(length):
            window = lined[size + place - size // 2 :][:size]  # centred; even filters look back
            responses.append(torch.einsum("fds,sd->f", conv.weight, window) + conv.bias)
        pooled.append(torch.stack(responses).amax(dim=0).clamp(min=0))
    return torch.cat(pooled)


@given(lengths_of_texts, filter_sizes, st.integers(0, 5), st.integers(0, 99))
def test_features_equal_those_of_a_plain_loop_over_the_tokens(lengths, sizes, extra, seed):
    torch.manual_seed(seed)
    cnn = MaskedCNN(DIM, FILTERS, sizes, dropout=0.5).eval()
    rows, places, counts = texts(lengths, extra, seed)
    with torch.no_grad():
        found = cnn(rows, places, counts)
        one_by_one = zip(rows[places], lengths, strict=True)
        expected = [naive(cnn, row[:length]) for row, length in one_by_one]
    assert found.shape == (len(lengths), cnn.output_size)
    torch.testing.assert_close(found, torch.stack(expected), atol=1e-5, rtol=1e-5)


def features_and_gradients(cnn: MaskedCNN, pooled, case, dtype=None) -> list[Tensor]:
    """Give the features, then the gradients of the word vectors and of all parameters."""
    rows, places, counts = case
    leaf = rows.clone().requires_grad_()
    cnn.zero_grad()
    with torch.autocast("cpu", dtype=dtype, enabled=dtype is not None):
        features = pooled(leaf, places, counts)
    weights = torch.linspace(-1, 2, features.numel(), dtype=features.dtype).view_as(features)
    (features * weights).sum().backward()
    padding = torch.zeros_like(rows).index_fill_(0, torch.tensor(0), 1).bool()
    flow = leaf.grad.masked_fill(padding, 0)  # what reaches padding is dropped by the embedding
    return [features.detach(), flow, *(p.grad for p in cnn.parameters())]


@given(lengths_of_texts, filter_sizes, st.integers(0, 5), st.integers(0, 99))
def test_the_shared_way_equals_the_plain_one_gradients_included(lengths, sizes, extra, seed):
    torch.manual_seed(seed)
    cnn = MaskedCNN(DIM, FILTERS, sizes, dropout=0.5).double()
    rows, *rest = texts(lengths, extra, seed)
    case = (rows.double(), *rest)
    shared = features_and_gradients(cnn, cnn._shared, case)
    plain = features_and_gradients(cnn, cnn._plain, case)
    for found, expected in zip(shared, plain, strict=True):
        torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("way", ["_shared", "_plain"])
def test_half_precision_agrees_loosely_in_features_and_gradients(way):
    torch.manual_seed(0)
    cnn = MaskedCNN(DIM, FILTERS, [2, 3], dropout=0.0)
    case = texts([9, 4, 1], 2, 0)
    exact = features_and_gradients(cnn, cnn._plain, case)
    rough = features_and_gradients(cnn, getattr(cnn, way), case, torch.bfloat16)
    for found, expected in zip(rough, exact, strict=True):
        torch.testing.assert_close(found.float(), expected, atol=0.1, rtol=0.05)


def test_a_word_repeated_may_as_well_stand_in_a_row_of_its_own():
    torch.manual_seed(0)
    cnn = MaskedCNN(DIM, FILTERS, [1, 2, 5], dropout=0.0)
    rows, places, counts = texts([9, 9, 3], 1, 0)
    own = each_position(places)
    torch.testing.assert_close(
        cnn(rows[places].flatten(0, 1), own, counts), cnn(rows, places, counts)
    )


def test_of_equal_responses_the_first_alone_learns():
    cnn = MaskedCNN(1, 1, [1], dropout=0.0)
    with torch.no_grad():
        cnn.convs[0].weight.fill_(1.0)
    rows = torch.tensor([[2.0], [2.0], [1.0]], requires_grad=True)
    cnn(rows, torch.tensor([[2, 1, 0]]), torch.tensor([3])).sum().backward()
    assert rows.grad.tolist() == [[0.0], [1.0], [0.0]]


def test_fixed_words_and_fixed_filters_need_no_gradient():
    cnn = MaskedCNN(DIM, FILTERS, [2, 3], dropout=0.0)
    rows, places, counts = texts([5, 2], 0, 1)
    cnn(rows, places, counts).sum().backward()
    assert all(parameter.grad is not None for parameter in cnn.parameters())
    cnn.zero_grad()
    cnn.requires_grad_(False)
    leaf = rows.requires_grad_()
    cnn(leaf, places, counts).sum().backward()
    assert leaf.grad.count_nonzero()
    assert all(parameter.grad is None for parameter in cnn.parameters())


def test_a_traced_graph_holds_plain_operations_alone():
    cnn = MaskedCNN(DIM, FILTERS, [2, 3], dropout=0.0).eval()
    case = texts([5, 2], 0, 1)
    traced = torch.jit.trace(cnn, case)
    assert "aten::_convolution" in str(traced.inlined_graph)
    torch.testing.assert_close(traced(*case), cnn(*case))
    exported = torch.export.export(cnn, case).module()
    torch.testing.assert_close(exported(*case), cnn(*case))
