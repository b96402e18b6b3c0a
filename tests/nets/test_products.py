from __future__ import annotations

import pytest
import torch

from roomtone.nets import products
from roomtone.nets.products import fast_products


def precision() -> str | None:
    matmul = getattr(torch.backends.mkldnn, "matmul", None)
    return getattr(matmul, "fp32_precision", None)


def worst_error(left: torch.Tensor, right: torch.Tensor) -> float:
    return float((left @ right - left.double() @ right.double()).abs().max())


@pytest.mark.parametrize(
    "shape", [(750, 256, 1024), (64, 300, 1536), (1024, 750, 256), (1, 640, 256), (37, 41, 43)]
)
def test_fast_products_are_as_exact_as_usual_ones(shape):
    rows, depth, columns = shape
    generator = torch.Generator().manual_seed(0)
    left = torch.randn(rows, depth, generator=generator)
    right = torch.randn(columns, depth, generator=generator).t()
    # Numbers added one after the other are off by about 2 `depth` units in the last place at
    # worst; bfloat16, or two of them for each number, by far more.
    allowed = max(3 * worst_error(left, right), 4 * depth * 2**-24)
    with fast_products():
        assert worst_error(left, right) <= allowed


def test_fast_products_are_as_exact_for_batches_and_gradients():
    generator = torch.Generator().manual_seed(0)
    left = torch.randn(16, 24, 64, generator=generator, requires_grad=True)
    right = torch.randn(16, 64, 24, generator=generator)
    with fast_products():
        product = left @ right
        product.square().sum().backward()
    exact = left.detach().double() @ right.double()
    torch.testing.assert_close(product.detach().double(), exact, atol=1e-4, rtol=1e-5)
    flow = 2 * exact @ right.double().transpose(1, 2)
    torch.testing.assert_close(left.grad.double(), flow, atol=1e-2, rtol=1e-5)


def test_the_setting_of_before_comes_back_also_after_an_error():
    before = precision()
    with pytest.raises(RuntimeError, match="mat1 and mat2"), fast_products():
        torch.ones(2, 3) @ torch.ones(2, 3)
    assert precision() == before


def test_nothing_changes_where_float32_would_be_rounded(monkeypatch):
    monkeypatch.setattr(products, "_exact", lambda: False)
    before = precision()
    with fast_products():
        assert precision() == before
    assert products.describe() == "PyTorch's choice"
