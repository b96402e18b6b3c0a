"""Products with weights, in float32 or in whole numbers of 8 bits.

In whole numbers both sides have fixed scales, known when the graph is made: those of the word
vectors from the vectors themselves, those of recurrent states because no state leaves (-1, 1).
Nothing is scaled by what a batch happens to hold, so that a text scores the same in any batch,
and the sums of whole numbers are exact, so that it scores the same on any processor.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from roomtone.export.graph import Graph, axes

FloatArray = NDArray[np.float32]

_ZERO = np.uint8(128)
_LEVELS = 127
# Processors without instructions for it add two products of 8 bits in 16, which overflows unless
# one side has 7 bits alone.
_WEIGHT_LEVELS = 63


@dataclass(frozen=True)
class Operand:
    """The left side of a product.

    Attributes
    ----------
    name : str
        A value of the graph, ``[..., features]``: float32, or uint8 with 128 for zero.
    scale : ndarray or None
        What a step of 1 means for each feature, ``[features]``; None for float32.
    """

    name: str
    scale: FloatArray | None = None


class WordTable:
    """The vectors of all words, as the graph holds them.

    Parameters
    ----------
    graph : Graph
        Gets the table as a constant.
    vectors : ndarray
        ``[words, dim]``; row 0 is padding and zero.
    int8 : bool
        Hold them in 8 bits, each feature with a scale of its own.
    """

    def __init__(self, graph: Graph, vectors: FloatArray, *, int8: bool) -> None:
        self._graph = graph
        self._dim = vectors.shape[1]
        self._scale: FloatArray | None = None
        if int8:
            self._scale = (np.abs(vectors).max(axis=0) / _LEVELS).astype(np.float32)
            steps = np.rint(vectors / np.where(self._scale > 0, self._scale, 1)) + int(_ZERO)
            vectors = steps.astype(np.uint8)
        self._name = graph.constant(vectors, "word_vectors")

    def look_up(self, ids: str, window: int = 1) -> Operand:
        """Look up words, ``[..., window]``, and lay the vectors of a window end to end."""
        found = self._graph("Gather", self._name, ids)  # [..., window, dim]
        rows = self._graph("Reshape", found, axes(0, 0, window * self._dim))
        scale = None if self._scale is None else np.tile(self._scale, window)
        return Operand(rows, scale)


def bounded(graph: Graph, values: str, *, int8: bool, features: int) -> Operand:
    """Prepare values from -1 to 1, ``[..., features]``, for a product."""
    if not int8:
        return Operand(values)
    scale = np.float32(1 / _LEVELS)
    return Operand(graph("QuantizeLinear", values, scale, _ZERO), np.full(features, scale))


def product(graph: Graph, left: Operand, weight: FloatArray, bias: FloatArray | None = None) -> str:
    """Multiply ``[..., features]`` by a weight ``[features, outputs]``, and add a bias."""
    if left.scale is None:
        result = graph("MatMul", left.name, weight)
    else:
        scaled = weight * left.scale[:, None]
        largest = np.abs(scaled).max(axis=0)
        step = np.where(largest > 0, largest / _WEIGHT_LEVELS, 1).astype(np.float32)
        whole = np.rint(scaled / step).astype(np.int8)
        sums = graph("MatMulInteger", left.name, whole, _ZERO, np.int8(0))
        result = graph("Mul", graph("Cast", sums, to=TensorProto.FLOAT), step)
    return result if bias is None else graph("Add", result, bias)
