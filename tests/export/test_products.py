from __future__ import annotations

import numpy as np
import onnxruntime
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto

from roomtone.export.graph import Graph, as_model
from roomtone.export.products import WordTable, bounded, product

FLOAT, INT64 = int(TensorProto.FLOAT), int(TensorProto.INT64)


def run(graph: Graph, result: str, taken: dict, given_: dict) -> np.ndarray:
    graph("Identity", result, out="result")
    ends = {name: (kind, [None] * value.ndim) for name, (kind, value) in taken.items()}
    model = as_model(graph.finished("test", ends, given_), "")
    session = onnxruntime.InferenceSession(model.SerializeToString())
    return session.run(None, {name: value for name, (_, value) in taken.items()})[0]


def words_times_weight(vectors, weight, ids, *, int8: bool) -> np.ndarray:
    graph = Graph()
    rows = WordTable(graph, vectors, int8=int8).look_up("ids")
    result = product(graph, rows, weight)
    return run(graph, result, {"ids": (INT64, ids)}, {"result": (FLOAT, [None] * 3)})


@given(seed=st.integers(0, 2**32 - 1), spread=st.floats(0.001, 1000))
def test_a_product_of_whole_numbers_comes_near_whatever_the_scale(seed, spread):
    random = np.random.default_rng(seed)
    vectors = (spread * random.normal(size=(9, 16))).astype(np.float32)
    vectors[0] = 0
    weight = random.normal(size=(16, 4)).astype(np.float32)
    ids = random.integers(0, 9, size=(3, 2))
    found = words_times_weight(vectors, weight, ids, int8=True)
    exact = vectors[ids] @ weight
    # Half a step of either side, summed up over the features.
    bound = np.abs(vectors).max(axis=0) @ np.abs(weight) / 2 / 127
    bound = bound + 16 * np.abs(vectors).max() * np.abs(weight).max() * (1.5 / 63)
    assert (np.abs(found - exact) <= bound).all()
    np.testing.assert_allclose(
        words_times_weight(vectors, weight, ids, int8=False), exact, rtol=1e-4, atol=1e-4 * spread
    )


def test_padding_stays_exactly_zero():
    vectors = np.array([[0, 0], [0.3, -7], [-0.2, 1]], dtype=np.float32)
    ids = np.zeros((2, 2), dtype=np.int64)
    found = words_times_weight(vectors, np.ones((2, 3), np.float32), ids, int8=True)
    assert (found == 0).all()


def test_a_feature_and_a_weight_of_nothing_but_zeros_do_no_harm():
    vectors = np.array([[0, 0], [0, 2]], dtype=np.float32)
    weight = np.array([[5, 0], [1, 0]], dtype=np.float32)
    found = words_times_weight(vectors, weight, np.array([[1]]), int8=True)
    np.testing.assert_allclose(found, [[[2, 0]]], rtol=0.02)


def test_values_from_minus_one_to_one_are_known_to_half_a_step():
    values = np.linspace(-1, 1, 500, dtype=np.float32)[:, None]
    graph = Graph()
    left = bounded(graph, "values", int8=True, features=1)
    result = product(graph, left, np.ones((1, 1), np.float32))
    found = run(graph, result, {"values": (FLOAT, values)}, {"result": (FLOAT, [None, None])})
    assert np.abs(found - values).max() <= 0.5 / 127 + 1e-6


def test_no_sum_can_overflow_sixteen_bits_where_processors_add_pairs():
    graph = Graph()
    vectors = np.array([[0.0], [1.0]], dtype=np.float32)
    product(graph, WordTable(graph, vectors, int8=True).look_up("ids"), np.eye(1, dtype=np.float32))
    whole = [np.frombuffer(c.raw_data, np.int8) for c in graph.constants if c.data_type == 3]
    assert 2 * 255 * max(np.abs(values.astype(int)).max() for values in whole) < 2**15
