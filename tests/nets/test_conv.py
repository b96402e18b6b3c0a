from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from roomtone.nets.conv import MaskedCNN
from roomtone.nets.masking import padding_mask


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


@given(
    lengths=st.lists(st.integers(1, 9), min_size=1, max_size=4),
    sizes=st.lists(st.integers(1, 7), min_size=1, max_size=4),
    extra=st.integers(0, 5),
    seed=st.integers(0, 99),
)
def test_features_equal_those_of_a_plain_loop_over_the_tokens(lengths, sizes, extra, seed):
    torch.manual_seed(seed)
    cnn = MaskedCNN(3, 4, sizes, dropout=0.5).eval()
    counts, width = torch.tensor(lengths), max(lengths) + extra
    mask = padding_mask(counts, width)
    embedded = torch.randn(len(lengths), width, 3) * mask[..., None]
    with torch.no_grad():
        found = cnn(embedded, mask)
        expected = [naive(cnn, row[:length]) for row, length in zip(embedded, lengths, strict=True)]
    assert found.shape == (len(lengths), cnn.output_size)
    torch.testing.assert_close(found, torch.stack(expected), atol=1e-5, rtol=1e-5)
