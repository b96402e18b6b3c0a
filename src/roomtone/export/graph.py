"""Putting an ONNX graph together, node by node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, helper, numpy_helper

OPSET = 17  # old enough for every onnxruntime since 2022
IR_VERSION = 8
Value = tuple[int, Sequence[int | str]]
"""Element type and shape of what goes in or out; a size that varies has a name."""


class Graph:
    """A graph that grows with each call, and gives the name of what the new node puts out.

    Constants are ordinary arguments: an array in the place of a name becomes one of the graph's
    initialisers, equal small ones a single one.

    Examples
    --------
    >>> graph = Graph()
    >>> total = graph("Add", "left", np.float32(1))
    """

    def __init__(self, prefix: str = "") -> None:
        self.prefix = prefix
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []
        self._small: dict[tuple[str, tuple[int, ...], bytes], str] = {}

    def __call__(
        self, op: str, *inputs: ArrayLike, out: str | None = None, **attributes: Any
    ) -> str:
        """Add a node with one output.

        Parameters
        ----------
        op : str
            Operator of the standard ONNX domain.
        *inputs : str or array_like
            Names of values, or constants.
        out : str, optional
            Name of the output; a new one where not given.
        **attributes
            The operator's attributes.
        """
        return self.several(op, *inputs, out=1 if out is None else [out], **attributes)[0]

    def several(
        self, op: str, *inputs: ArrayLike, out: Sequence[str] | int, **attributes: Any
    ) -> list[str]:
        """Add a node with several outputs: their names, or how many to name anew."""
        if isinstance(out, int):
            stem = f"{self.prefix}{op}_{len(self.nodes)}"
            out = [stem if number == 0 else f"{stem}_{number}" for number in range(out)]
        names = [value if isinstance(value, str) else self.constant(value) for value in inputs]
        self.nodes.append(helper.make_node(op, names, list(out), name=out[0], **attributes))
        return list(out)

    def constant(self, values: ArrayLike, name: str | None = None) -> str:
        """Add an initialiser and give its name."""
        array = np.ascontiguousarray(values).reshape(np.shape(values))
        key = (array.dtype.str, array.shape, array.tobytes()) if array.size < 1024 else None
        if key in self._small:
            return self._small[key]
        name = name or f"{self.prefix}constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(array, name))
        if key is not None:
            self._small[key] = name
        return name

    def finished(
        self, name: str, inputs: Mapping[str, Value], outputs: Mapping[str, Value]
    ) -> GraphProto:
        """Close the graph; what goes in and out, by name."""
        taken, given = (
            [helper.make_tensor_value_info(key, *value) for key, value in side.items()]
            for side in (inputs, outputs)
        )
        return helper.make_graph(self.nodes, name, taken, given, self.constants)


def as_model(graph: GraphProto, description: str) -> ModelProto:
    """Make a model file's content of a graph."""
    return helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="roomtone",
        doc_string=description,
    )


def axes(*numbers: int) -> np.ndarray:
    """Give whole numbers as the constant that operators take for axes, sizes and positions."""
    return np.array(numbers, dtype=np.int64)
