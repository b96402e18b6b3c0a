"""The bidirectional LSTM as an ONNX graph: products outside, the recurrence in a `Scan`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from onnx import GraphProto, TensorProto

from roomtone.export.graph import Graph, Value, axes
from roomtone.export.parts import Positions
from roomtone.export.products import FloatArray, Operand, product

FLOAT = int(TensorProto.FLOAT)


@dataclass(frozen=True, eq=False)
class Direction:
    """Weights of one direction of one layer.

    Attributes
    ----------
    inputs : ndarray
        ``[features, 4 * hidden_size]``; gates in the order input, forget, output, cell.
    recurrent : ndarray
        ``[hidden_size, 4 * hidden_size]``.
    bias : ndarray
        ``[4 * hidden_size]``.
    """

    inputs: FloatArray
    recurrent: FloatArray
    bias: FloatArray

    @classmethod
    def from_torch(
        cls, inputs: FloatArray, recurrent: FloatArray, *biases: FloatArray
    ) -> Direction:
        """Reorder what `torch.nn.LSTM` holds: input, forget, cell, output, gate by gate."""
        order = [0, 1, 3, 2]
        parts = [
            np.concatenate([np.split(a, 4)[gate] for gate in order])
            for a in (inputs, recurrent, sum(biases[1:], biases[0]))
        ]
        return cls(parts[0].T, parts[1].T, parts[2])


def bilstm_layer(
    graph: Graph, rows: Operand, positions: Positions, ahead: Direction, back: Direction
) -> str:
    """Run both directions of a layer, ``[width, batch, 2 * hidden_size]``.

    The ONNX operator LSTM would do the same. Taken apart, the products with the inputs can be
    those of whole numbers, and the rest takes no longer.
    """
    size = len(ahead.recurrent)
    zero = graph(
        "ConstantOfShape", graph("Concat", positions.batch, axes(size), axis=0)
    )  # [batch, hidden_size]
    left = graph.several(
        "Scan",
        zero,
        zero,
        product(graph, rows, ahead.inputs, ahead.bias),
        out=3,
        body=_step(ahead.recurrent, "ahead_", masked=False),
        num_scan_inputs=1,
    )[2]
    # From right to left padding comes first: there the state is held at zero.
    right = graph.several(
        "Scan",
        zero,
        zero,
        product(graph, rows, back.inputs, back.bias),
        positions.inside,
        out=3,
        body=_step(back.recurrent, "back_", masked=True),
        num_scan_inputs=2,
        scan_input_directions=[1, 1],
        scan_output_directions=[1],
    )[2]
    return graph("Concat", left, right, axis=-1)


def _step(recurrent: FloatArray, prefix: str, *, masked: bool) -> GraphProto:
    """Make one step of the recurrence (Hochreiter & Schmidhuber 1997, with forget gates)."""
    graph = Graph(prefix)
    size = len(recurrent)
    hidden, memory, inputs, inside = (f"{prefix}{name}" for name in ("h", "c", "x", "inside"))
    next_hidden, next_memory, output = (f"{prefix}{name}" for name in ("h_next", "c_next", "y"))
    before = graph("Gemm", hidden, recurrent, inputs)  # [batch, 4 * hidden_size]
    gates, candidate = graph.several("Split", before, axes(3 * size, size), out=2, axis=-1)
    opened = graph("Sigmoid", gates)
    entry, keep, exit_ = graph.several("Split", opened, axes(size, size, size), out=3, axis=-1)
    new = graph("Mul", entry, graph("Tanh", candidate))
    if masked:
        new, keep = graph("Mul", new, inside), graph("Mul", keep, inside)
    graph("Add", graph("Mul", keep, memory), new, out=next_memory)
    graph("Mul", exit_, graph("Tanh", next_memory), out=next_hidden)
    graph("Identity", next_hidden, out=output)
    row: Value = (FLOAT, ["batch", size])
    taken: dict[str, Value] = {hidden: row, memory: row, inputs: (FLOAT, ["batch", 4 * size])}
    if masked:
        taken[inside] = (FLOAT, ["batch", 1])
    return graph.finished(
        f"{prefix}step", taken, dict.fromkeys((next_hidden, next_memory, output), row)
    )
