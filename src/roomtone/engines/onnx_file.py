"""What an ONNX file may hold, checked before onnxruntime sees it, and without the package `onnx`.

A file in the format of protocol buffers is messages within messages: each a row of fields, a
field a number, a kind and a value. Only the fields, operators and types that an exported network
needs are let through, so that no file can name another one, or ask for memory without end.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

WORDS = "word_vectors"
"""Name of the tensor with a row for each word."""

_OPERATORS = """
Add Cast Concat ConstantOfShape Gather Gemm Identity Less MatMul MatMulInteger Mul Pad
QuantizeLinear Range Reciprocal ReduceMax ReduceMean ReduceSum Relu Reshape Scan Shape Sigmoid
Slice Softmax Split Sqrt Squeeze Sub Tanh Transpose Unsqueeze Where
"""
OPERATORS = frozenset(_OPERATORS.split())
_TYPES = {1: np.float32, 2: np.uint8, 3: np.int8, 6: np.int32, 7: np.int64}
_DEPTH = 2  # a graph, and the step of a Scan within it
_SIDES, _VALUES = 8, 2**31  # fewer values than this, and at most so many sides, has a tensor
_MOST = 64  # what an attribute may be: an axis, a type, a count
_VARINT, _BYTES = 0, 2  # kinds of fields


Tensors = list[tuple[str, NDArray[Any]]]


class BadModelError(Exception):
    """The file is damaged, or holds what it must not."""


def check_model(model: bytes, words: int) -> None:
    """Make sure that a file holds a network and nothing else.

    Parameters
    ----------
    model : bytes
        The file.
    words : int
        How many words its table must have.

    Raises
    ------
    BadModelError
        If it is damaged, holds a field, an operator or a type that none of ours has, a value that
        is not finite, a whole number that no size of its weights explains, or the vectors of
        another number of words.
    """
    found: Tensors = []
    for number, value in _fields(memoryview(model), {1}, {2, 6, 7, 8}):
        if number == 7:
            _graph(value, found, depth=1)
    tables = [tensor.shape for name, tensor in found if name == WORDS]
    if len(tables) != 1 or len(tables[0]) != 2 or tables[0][0] != words:
        shapes = [list(shape) for shape in tables] or "absent"
        raise BadModelError(f"its word vectors are {shapes}, expected a row for each of {words}")
    longest = max(side for name, tensor in found for side in tensor.shape[name == WORDS :])
    for name, tensor in found:
        if tensor.dtype == np.int64 and ((tensor < -longest) | (tensor > longest)).any():
            raise BadModelError(f"{name} holds a number beyond the longest side of its weights")


def _graph(data: memoryview, found: Tensors, depth: int) -> None:
    if depth > _DEPTH:
        raise BadModelError("graphs within graphs")
    for number, value in _fields(data, set(), {1, 2, 5, 11, 12}):
        if number == 1:
            _node(value, found, depth)
        elif number == 5:
            _tensor(value, found)


def _node(data: memoryview, found: Tensors, depth: int) -> None:
    for number, value in _fields(data, set(), {1, 2, 3, 4, 5}):
        if number == 4 and bytes(value).decode("ascii", "replace") not in OPERATORS:
            raise BadModelError(f"the operator {bytes(value)!r}, which no exported network has")
        if number == 5:
            _attribute(value, found, depth)


def _attribute(data: memoryview, found: Tensors, depth: int) -> None:
    for number, value in _fields(data, {3, 8, 20}, {1, 6, 8}):
        if number == 6:
            _graph(value, found, depth + 1)
        elif number in (3, 8):
            values = [value] if isinstance(value, int) else list(_varints(value))
            if any(_MOST < item < 2**64 - _MOST for item in values):
                raise BadModelError(f"an attribute of {values}")


def _tensor(data: memoryview, found: Tensors) -> None:
    dims: list[int] = []
    kind, name, raw = 0, "", memoryview(b"")
    for number, value in _fields(data, {1, 2}, {1, 8, 9}):
        if number == 1:
            dims += [value] if isinstance(value, int) else list(_varints(value))
        elif number == 2:
            kind = value
        elif number == 8:
            name = bytes(value).decode("utf-8", "replace")
        else:
            raw = value
    if kind not in _TYPES or len(raw) % np.dtype(_TYPES[kind]).itemsize:
        raise BadModelError(f"tensor {name!r} has {len(raw)} bytes of the type {kind}")
    # A side of 0 would hide the others from a plain product, and NumPy takes only so many.
    if len(dims) > _SIDES or math.prod(max(side, 1) for side in dims) >= _VALUES:
        raise BadModelError(
            f"tensor {name!r} has the sides {dims[:10]}, expected at most {_SIDES} sides and fewer "
            f"than {_VALUES} values"
        )
    values = np.frombuffer(raw, dtype=np.dtype(_TYPES[kind]).newbyteorder("<"))
    if math.prod(dims) != len(values):
        raise BadModelError(f"tensor {name!r} has {len(values)} values for {dims}")
    if kind == 1 and not np.isfinite(values).all():
        raise BadModelError(f"tensor {name!r} holds values that are not finite")
    found.append((name, values.reshape(dims)))


def _fields(data: memoryview, numbers: set[int], longer: set[int]) -> Iterator[tuple[int, Any]]:
    """Read the fields of a message: those that may be numbers, and those that may be bytes."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, kind = key >> 3, key & 7
        if number not in {_VARINT: numbers, _BYTES: longer}.get(kind, ()):
            raise BadModelError(f"a field {number} of kind {kind} where none of ours has it")
        value, at = _varint(data, at)
        if kind == _VARINT:
            yield number, value
            continue
        if value > len(data) - at:
            raise BadModelError("cut short")
        yield number, data[at : at + value]
        at += value


def _varints(data: memoryview) -> Iterator[int]:
    at = 0
    while at < len(data):
        value, at = _varint(data, at)
        yield value


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    """Read a whole number, seven bits in each byte, and where it ends."""
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            break
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if value >= 2**64:
            raise BadModelError("a whole number of more than 64 bits")
        if byte < 128:
            return value, at
    raise BadModelError("cut short")
