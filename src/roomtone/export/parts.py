"""The parts of the hybrid network as ONNX operators; positions come first, ``[width, batch, …]``.

Each is the counterpart of a module in `roomtone.nets`, for scoring: without dropout.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from onnx import TensorProto

from roomtone.export.graph import Graph, axes
from roomtone.export.products import FloatArray, Operand, WordTable, bounded, product

FLOAT = TensorProto.FLOAT
_FAR_BELOW = np.float32(
    -1e30
)  # what a masked score becomes; minus infinity would make NaN of 0 * it
_EPSILON = np.float32(1e-5)  # of torch.nn.LayerNorm


@dataclass(frozen=True, eq=False)
class AttentionWeights:
    """Weights of the self-attention, as products take them, and how many heads it has."""

    heads: int
    inputs: FloatArray
    inputs_bias: FloatArray
    output: FloatArray
    output_bias: FloatArray
    norm: FloatArray
    norm_bias: FloatArray


@dataclass(frozen=True)
class Positions:
    """Which positions of a batch hold a token.

    Attributes
    ----------
    ids : str
        Token codes, padded with 0, ``[width, batch]``.
    width, batch : str
        The two sizes, each of shape ``[1]``.
    inside : str
        1 where a token stands, else 0, float32, ``[width, batch, 1]``.
    penalty : str
        What to add to a score so that padding loses, float32, ``[width, batch, 1]``.
    """

    ids: str
    width: str
    batch: str
    inside: str
    penalty: str

    @classmethod
    def of(cls, graph: Graph, input_ids: str, lengths: str) -> Positions:
        """Derive them from a batch, ``[batch, width]``, and the lengths, ``[batch]``."""
        ids = graph("Transpose", input_ids, perm=[1, 0])
        shape = graph("Shape", ids)
        width, batch = graph.several("Split", shape, axes(1, 1), out=2)
        count = graph("Squeeze", width)
        number = graph("Unsqueeze", graph("Range", np.int64(0), count, np.int64(1)), axes(1))
        holds = graph("Less", number, graph("Unsqueeze", lengths, axes(0)))  # [width, batch]
        holds = graph("Unsqueeze", holds, axes(2))
        penalty = graph("Where", holds, np.float32(0), _FAR_BELOW)
        return cls(ids, width, batch, graph("Cast", holds, to=FLOAT), penalty)


def phrases(
    graph: Graph,
    words: WordTable,
    positions: Positions,
    filters: Sequence[tuple[FloatArray, FloatArray]],
) -> str:
    """Find the strongest response of each filter to a text, ``[batch, filters]``; `MaskedCNN`.

    Parameters
    ----------
    graph, words, positions
        Where, on what.
    filters : sequence of (weight, bias)
        Of each size: ``[filters, dim, size]`` and ``[filters]``.
    """
    pooled = []
    for weight, _ in filters:
        count, dim, size = weight.shape
        before, after = size // 2, size - 1 - size // 2
        lined = graph("Pad", positions.ids, axes(before, 0, after, 0), np.int64(0))
        shifted = [
            graph("Slice", lined, axes(at), graph("Add", positions.width, axes(at)), axes(0))
            for at in range(size)
        ]
        windows = graph(
            "Concat", *(graph("Unsqueeze", ids, axes(2)) for ids in shifted), axis=2
        )  # [width, batch, size]
        flat = weight.transpose(2, 1, 0).reshape(size * dim, count)
        responses = product(graph, words.look_up(windows, size), flat)
        masked = graph("Add", responses, positions.penalty)  # [width, batch, count]
        pooled.append(graph("ReduceMax", masked, axes=[0], keepdims=0))
    strongest = graph("Concat", *pooled, axis=1)
    return graph("Relu", graph("Add", strongest, np.concatenate([bias for _, bias in filters])))


def self_attention(
    graph: Graph, states: str, positions: Positions, weights: AttentionWeights, *, int8: bool
) -> str:
    """Let each token look at all of its text, ``[width, batch, size]``; `SelfAttention`."""
    size, heads = len(weights.norm), weights.heads
    each = size // heads
    # The scale of the scores is that of the queries, and so of the weights that make them.
    scale = np.repeat([each**-0.5, 1.0, 1.0], size).astype(np.float32)
    inputs = product(
        graph,
        bounded(graph, states, int8=int8, features=size),
        weights.inputs * scale,
        weights.inputs_bias * scale,
    )
    parts = graph("Reshape", inputs, axes(0, 0, 3, heads, each))
    parts = graph("Transpose", parts, perm=[2, 1, 3, 0, 4])  # [3, batch, heads, width, each]
    query, key, value = (
        graph("Squeeze", part, axes(0))
        for part in graph.several("Split", parts, axes(1, 1, 1), out=3, axis=0)
    )
    scores = graph("MatMul", query, graph("Transpose", key, perm=[0, 1, 3, 2]))
    penalty = graph("Transpose", positions.penalty, perm=[1, 2, 0])  # [batch, 1, width]
    shares = graph("Softmax", graph("Add", scores, graph("Unsqueeze", penalty, axes(1))), axis=-1)
    mixed = graph("Transpose", graph("MatMul", shares, value), perm=[2, 0, 1, 3])
    output = product(
        graph,
        Operand(graph("Reshape", mixed, axes(0, 0, size))),
        weights.output,
        weights.output_bias,
    )
    return _normalised(graph, graph("Add", states, output), weights.norm, weights.norm_bias)


def _normalised(graph: Graph, values: str, scale: FloatArray, shift: FloatArray) -> str:
    """Normalise the features of each position; onnxruntime's own operator takes twice the time."""
    centred = graph("Sub", values, graph("ReduceMean", values, axes=[-1], keepdims=1))
    variance = graph("ReduceMean", graph("Mul", centred, centred), axes=[-1], keepdims=1)
    spread = graph("Reciprocal", graph("Sqrt", graph("Add", variance, _EPSILON)))
    return graph("Add", graph("Mul", graph("Mul", centred, spread), scale), shift)


def pooling(
    graph: Graph,
    states: str,
    positions: Positions,
    hidden: tuple[FloatArray, FloatArray],
    score: FloatArray,
) -> str:
    """Pool the states of a text, ``[batch, size]``; `AttentionPooling`."""
    seen = graph("Tanh", product(graph, Operand(states), *hidden))
    scores = graph("Add", product(graph, Operand(seen), score), positions.penalty)
    shares = graph("Softmax", scores, axis=0)  # [width, batch, 1]
    return graph("ReduceSum", graph("Mul", states, shares), axes(0), keepdims=0)


def classifier(graph: Graph, features: str, layers: Sequence[tuple[FloatArray, FloatArray]]) -> str:
    """Score the classes, ``[batch, classes]``: linear layers with ReLU between."""
    for number, layer in enumerate(layers):
        features = product(graph, Operand(features), *layer)
        if number < len(layers) - 1:
            features = graph("Relu", features)
    return features
